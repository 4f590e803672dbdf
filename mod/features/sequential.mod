: Code runs in order: reassigned locals, changed arguments, functions that write, nested IF.

NEURON {
    SUFFIX sequential
    NONSPECIFIC_CURRENT i
    RANGE g, a, b, c, d, count
}

UNITS { (mV) = (millivolt) }

PARAMETER {
    g = 0.001 (S/cm2)
    shift = 5 (mV)
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
    a b c d hidden count
}

STATE { x }

INITIAL {
    count = 0
    a = twice(v) + hidden
    x = branch(v)
    sort(v)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    logic(v)
    i = g*(v + 65) + 1e-5*x + 1e-6*(v > -50)
}

DERIVATIVE states {
    sort(v)
    if (v < -80) { v = v + 12.3 }
    x' = (branch(v) - x)/(2 + fabs(c))
    v = v - 12.3
    d = v
}

FUNCTION twice(u) {
    hidden = u*u
    u = u + shift
    twice = 2*u
}

FUNCTION branch(u) { LOCAL w
    if (u < -90) {
        w = -u
    } else if (u < -40 && u >= -70) {
        w = 3
        w = w*w
    } else if (!(u < 0) || u == -25) {
        w = 1/2
    } else {
        w = exp(u/20) - 3^(u/40) + sqrt(fabs(u)) + log(2 + u*u) + sin(u) + pow(u, 2) + fmod(u, 7)
    }
    branch = w
    if (fabs(u) < 1e-6) { branch = 1 - u/2 } else { branch = branch + u/(exp(u/10) - 1) }
}

PROCEDURE sort(u) { LOCAL t1
    b = u   c = -u
    if (b > c) { t1 = b   b = c   c = t1 }
}

PROCEDURE logic(u) {
    a = (u > -60) + 2*(u < 20 && b < c) + 4*(u == -45)
    if (a) { count = a } else { count = -1 }
}

: Loops that turn as often as values say and arrays that live in a block.

NEURON {
    SUFFIX turns
    NONSPECIFIC_CURRENT i
    RANGE g, power, root, sum
}

UNITS { (mV) = (millivolt) }

PARAMETER {
    g = 0.001 (S/cm2)
    power = 3
    gain = 2
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
    root sum
}

STATE { x }

INITIAL {
    root = squareroot(fabs(v) + 1)
    sum = 0
    FROM k = 1 TO power {
        sum = sum + k*v
    }
    x = weights(v)
}

BREAKPOINT {
    LOCAL y
    SOLVE states METHOD cnexp
    y = 1
    FROM k = 1 TO power { y = y*x }
    i = g*y*(v + 65)
}

DERIVATIVE states {
    root = squareroot(fabs(v) + 2)
    x' = (weights(v) - x)/(2 + root)
}

FUNCTION squareroot(u) { LOCAL guess, old
    guess = u
    old = 0
    WHILE (fabs(guess - old) > 1e-9*guess) {
        old = guess
        guess = (old + u/old)/2
    }
    squareroot = guess
}

FUNCTION weights(u) { LOCAL w[3], k, last
    FROM k = 0 TO 2 { w[k] = 1/(1 + k + exp(-u/(20 + k))) }
    last = gain + 0.7
    weights = 0
    FROM k = 1 TO last { weights = weights + w[0]*k }
    if (u > -40) { w[1] = w[1]/2 }
    weights = (weights + w[1] + w[2])/4
}

: LINEAR and NONLINEAR blocks for array states, equations in loops.

NEURON {
    SUFFIX systems
    NONSPECIFIC_CURRENT i
    RANGE g, i
}

DEFINE N 3

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
}

PARAMETER { g = 0.0005 }

STATE { w[4] s  q[N] p }

ASSIGNED {
    v (mV)
    i (mA/cm2)
}

INITIAL {
    FROM k = 0 TO N-1 { q[k] = 0.5 }
    p = 0.5
    SOLVE chain
    SOLVE curve
}

BREAKPOINT {
    SOLVE chain
    SOLVE curve
    i = g*(w[0] + w[3]*p)*(v + 70)
}

LINEAR chain {
    LOCAL x
    x = squash(v)
    ~ w[0] + 2*w[3] = 1 + x + s
    FROM k = 1 TO N {
        ~ w[k]*(k + 1) - w[k-1]*x = 0.1*s + 0.5*k
        x = x/2
    }
    ~ s = 3*w[0] - 0.5
}

NONLINEAR curve {
    FROM k = 0 TO N-1 { ~ q[k]*q[k] + 0.2*p = 1 + k*squash(v) }
    ~ p + 0.1*q[0]*q[2] = 0.7
}

FUNCTION squash(u (mV)) { squash = 1/(1 + exp(-(u + 50)/12)) }

: cnexp: a rate that can be 0, and an equation without its own state

NEURON {
    SUFFIX linear
    RANGE k, x, z
}

PARAMETER {
    k = 2 (/ms)
}

STATE {
    x z
}

INITIAL {
    x = 1
    z = 1
}

BREAKPOINT {
    SOLVE states METHOD cnexp
}

DERIVATIVE states {
    x' = -k * x
    z' = k
}

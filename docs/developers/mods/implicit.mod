: Backward Euler of an equation that is not linear

NEURON {
    SUFFIX implicit
    RANGE k, x
}

PARAMETER {
    k = 2 (/ms)
}

STATE {
    x
}

INITIAL {
    x = 1
}

BREAKPOINT {
    SOLVE states METHOD derivimplicit
}

DERIVATIVE states {
    x' = -k * x * x
}

: SOLVE without METHOD

NEURON {
    SUFFIX plain
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
    SOLVE states
}

DERIVATIVE states {
    x' = -k * x
}

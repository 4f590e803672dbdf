: x decays; METHOD euler

NEURON {
    SUFFIX eulered
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
    SOLVE states METHOD euler
}

DERIVATIVE states {
    x' = -k * x
}

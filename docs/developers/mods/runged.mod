: x decays; METHOD runge

NEURON {
    SUFFIX runged
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
    SOLVE states METHOD runge
}

DERIVATIVE states {
    x' = -k * x
}

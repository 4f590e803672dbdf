: cnexp of a block with a state inside of a call

NEURON {
    SUFFIX fallback
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
    z' = -k * fabs(z)
}

: cnexp of a polynomial in the state, which NEURON gets wrong

NEURON {
    SUFFIX polynomial
    RANGE k, x
}

PARAMETER {
    k = 2 (/ms)
}

STATE {
    x
}

INITIAL {
    x = 0.5
}

BREAKPOINT {
    SOLVE states METHOD cnexp
}

DERIVATIVE states {
    x' = k * (1 - x) * x
}

: Writes a concentration that grows

NEURON {
    SUFFIX pool
    USEION ca READ cai WRITE cai
    RANGE first
    POINTER clock
    RANGE turn
}

ASSIGNED {
    first
    clock
    turn
}

STATE {
    cai
}

INITIAL {
    first = cai
    clock = clock + 1
    turn = clock
}

BREAKPOINT {
    SOLVE states METHOD cnexp
}

DERIVATIVE states {
    cai' = 0.01
}

: Reads a concentration; writes none

NEURON {
    SUFFIX aseen
    USEION ca READ cai, eca
    RANGE reversal, turn
    POINTER clock
}

ASSIGNED {
    cai (mM)
    eca (mV)
    reversal
    clock
    turn
}

INITIAL {
    clock = clock + 1
    turn = clock
}

BREAKPOINT {
    reversal = eca
}

: INITIAL writes a concentration

NEURON {
    SUFFIX filler
    USEION ca READ cai WRITE cai
}

ASSIGNED {
    cai (mM)
}

INITIAL {
    cai = 0.01
}

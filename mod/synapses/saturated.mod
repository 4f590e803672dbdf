TITLE Current that saturates with the voltage of another compartment

NEURON {
    POINT_PROCESS Saturated
    POINTER vpre
    NONSPECIFIC_CURRENT i
    RANGE imax, offset, slope, i
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
}

PARAMETER {
    imax = 1e-4 (nA)
    offset = -70 (mV)
    slope = 1 (/mV)
}

ASSIGNED {
    v (mV)
    vpre (mV)
    i (nA)
}

BREAKPOINT { i = -imax*tanh(slope*(vpre - offset)) }

TITLE One side of a gap junction, which looks at the other side's voltage

NEURON {
    POINT_PROCESS GapEnd
    NONSPECIFIC_CURRENT i
    POINTER vother
    RANGE g, i
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER { g = 0.002 (uS) <0, 1e9> }

ASSIGNED {
    v (mV)
    vother (mV)
    i (nA)
}

BREAKPOINT { i = g*(v - vother) }

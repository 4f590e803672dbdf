TITLE Calcium through one spot: a point process that reads and writes an ion

NEURON {
    POINT_PROCESS capoint
    USEION ca READ eca, cai WRITE ica
    RANGE g, here
}
UNITS {
    (mV) = (millivolt)
    (nA) = (nanoamp)
    (mM) = (milli/liter)
    (uS) = (microsiemens)
}
PARAMETER { g = 0.0001 (uS) }
ASSIGNED {
    v (mV)
    eca (mV)
    cai (mM)
    ica (nA)
    here (mM)
}
INITIAL { here = cai }
BREAKPOINT { ica = g*(v - eca) }

TITLE Gap junction without POINTER: vfar is set by ParallelContext.target_var

NEURON {
    POINT_PROCESS bridge
    NONSPECIFIC_CURRENT i
    RANGE g, i, vfar
}
UNITS {
    (mV) = (millivolt)
    (nA) = (nanoamp)
    (uS) = (microsiemens)
}
PARAMETER { g = 0.001 (uS) }
ASSIGNED {
    v (mV)
    vfar (mV)
    i (nA)
}
BREAKPOINT { i = g*(v - vfar) }

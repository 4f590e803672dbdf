: A current between its own node and a voltage that is transferred from elsewhere

NEURON {
    POINT_PROCESS Gap
    NONSPECIFIC_CURRENT i
    RANGE g, vgap
}

PARAMETER {
    g = 0.0005
}

ASSIGNED {
    v (millivolt)
    vgap (millivolt)
    i (nanoamp)
}

BREAKPOINT {
    i = g * (v - vgap)
}

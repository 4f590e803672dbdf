: CONDUCTANCE names a slope

NEURON {
    SUFFIX hinted
    NONSPECIFIC_CURRENT i
    RANGE g, count
}

PARAMETER {
    g = 0.001
}

ASSIGNED {
    v (millivolt)
    i (milliamp/cm2)
    count
}

BREAKPOINT {
    CONDUCTANCE g
    count = count + 1
    i = g * (v + 60)
}

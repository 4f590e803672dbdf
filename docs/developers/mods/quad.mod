: A current that is not linear in v, and a count of how often BREAKPOINT runs

NEURON {
    SUFFIX quad
    NONSPECIFIC_CURRENT i
    RANGE g, count
}

PARAMETER {
    g = 0.0001
}

ASSIGNED {
    v (millivolt)
    i (milliamp/cm2)
    count
}

BREAKPOINT {
    count = count + 1
    i = g * v * v
}

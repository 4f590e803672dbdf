TITLE A conductance that runs before the mechanism that writes its reversal potential

NEURON {
    SUFFIX ahead
    USEION xs READ exs WRITE ixs VALENCE 1
    RANGE g, i
}

PARAMETER { g = 1e-4 (S/cm2) }

ASSIGNED {
    v (mV)
    exs (mV)
    ixs (mA/cm2)
    i (mA/cm2)
}

BREAKPOINT {
    i = g*(v - exs)
    ixs = i
}

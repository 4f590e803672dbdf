TITLE A conductance that runs behind the mechanism that writes its reversal potential

NEURON {
    SUFFIX onward
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

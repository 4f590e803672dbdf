TITLE Counts how often its BREAKPOINT runs: twice a current phase, at v + 0.001 and at v

NEURON {
    SUFFIX twice
    NONSPECIFIC_CURRENT i
    RANGE g, i, count, largest
}

PARAMETER { g = 1e-5 (S/cm2) }

ASSIGNED {
    v (mV)
    i (mA/cm2)
    count
    largest (mV) : the largest v that BREAKPOINT has seen
}

INITIAL {
    count = 0
    largest = -1000
}

BREAKPOINT {
    count = count + 1
    if (v > largest) {
        largest = v
    }
    i = g*(v + 70)*(1 + 1e-4*count)
}

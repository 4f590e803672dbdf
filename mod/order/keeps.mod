TITLE Values that only some instances set: the others take what the last one left, in whatever block

NEURON {
    SUFFIX keeps
    NONSPECIFIC_CURRENT i
    RANGE g, limit, taken, early, stepped
    GLOBAL high, both
}

PARAMETER {
    g = 1e-5 (S/cm2)
    limit = -60 (mV)
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
    high (mV)
    both[2]
    taken (mV)
    early (mV)
    stepped
}

LOCAL lowest

INITIAL {
    if (v > limit) { high = v }
    early = high
    lowest = v + limit
}

BEFORE STEP {
    if (v < limit) { both[0] = v } else { both[1] = 2*v }
    stepped = both[0] + 100*both[1]
}

BREAKPOINT {
    if (v + limit < lowest) {
        lowest = v + limit
    } else {
        high = v
    }
    taken = high + lowest
    i = g*(v - high)
}

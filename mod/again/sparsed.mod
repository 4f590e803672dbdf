TITLE A block that sparse evaluates several times sets some variables on some paths only

NEURON {
    SUFFIX sparsed
    NONSPECIFIC_CURRENT i
    RANGE g, limit, cap, kept, capped, first, begun, late
    GLOBAL left
}

PARAMETER {
    g = 1e-5 (S/cm2)
    limit = -60 (mV)
    cap = -1.25
    kept = 1
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
    left
    capped
    first
    begun
    late
}

STATE { m n }

INITIAL {
    m = 0.5
    n = 0.5
    left = 2
    begun = 0
}

BREAKPOINT {
    capped = v/50
    SOLVE scheme METHOD sparse
    i = g*(v + 60 + m)
    if (v > 0) { begun = 0 }
}

KINETIC scheme {
    if (v > limit) { kept = 2 + v/100 }
    if (v < limit) { left = v/limit }
    if (v > limit) { late = m }
    if (capped > cap) { capped = cap }
    if (begun == 0) { begun = 1  first = v/60 }
    ~ m <-> n ((kept + left), (2 + capped + first/10))
    CONSERVE m + n = 1
}

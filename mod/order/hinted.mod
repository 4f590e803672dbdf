TITLE With CONDUCTANCE BREAKPOINT runs once

NEURON {
    SUFFIX hinted
    NONSPECIFIC_CURRENT i
    RANGE g, e, count, seen
}

PARAMETER {
    g = 3e-5 (S/cm2)
    e = -65 (mV)
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
    count
    seen (S/cm2)
}

INITIAL { count = 0 }

BREAKPOINT {
    CONDUCTANCE g
    count = count + 1
    i = g*(v - e)
    if (fabs(v - e) > 5e-4) { seen = i/(v - e) }
}

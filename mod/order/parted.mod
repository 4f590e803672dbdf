TITLE Values that BREAKPOINT sets or not depending on v: its run at v + 0.001 leaves them to that at v

NEURON {
    SUFFIX parted
    NONSPECIFIC_CURRENT i
    RANGE g, e, seen
}

PARAMETER {
    g = 6e-5 (S/cm2)
    e = -65 (mV)
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
    seen (S/cm2)
}

BREAKPOINT {
    i = g*(v - e)
    if (fabs(v - e) > 5e-4) { seen = i/(v - e) }
}

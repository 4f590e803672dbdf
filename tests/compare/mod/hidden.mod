: A GLOBAL without a declaration, which NEURON takes where THREADSAFE stands and does not show: it holds what was left.
NEURON { SUFFIX hidden NONSPECIFIC_CURRENT i RANGE g, seen GLOBAL before, start THREADSAFE }
PARAMETER { g = 1e-4 }
ASSIGNED { v (mV) i (mA/cm2) seen start }
INITIAL { start = 3 }
BREAKPOINT {
    before = start + before/2
    seen = before
    i = g*before*(v + 65)
}

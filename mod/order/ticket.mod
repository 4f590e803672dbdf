TITLE A point process whose instances count themselves: a GLOBAL in INITIAL, a LOCAL of the file in BREAKPOINT

NEURON {
    POINT_PROCESS Ticket
    NONSPECIFIC_CURRENT i
    RANGE g, number, drawn
    GLOBAL handed
}

PARAMETER { g = 1e-5 (uS) }

ASSIGNED {
    v (mV)
    i (nA)
    number
    drawn
    handed
}

LOCAL calls

INITIAL {
    handed = handed + 1
    number = handed
}

BREAKPOINT {
    calls = calls + 1
    drawn = calls
    i = g*(v + 60 + number + 0.001*calls)
}

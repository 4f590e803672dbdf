: Adds to a state and to a weight in NET_RECEIVE

NEURON {
    POINT_PROCESS Twice
    RANGE x, seen
}

ASSIGNED {
    seen
}

STATE {
    x
}

INITIAL {
    x = 0
    seen = 0
}

BREAKPOINT {
    SOLVE states METHOD cnexp
}

DERIVATIVE states {
    x' = -2 * x
}

NET_RECEIVE(w) {
    x = x + 1
    w = w + 1
    seen = w
}

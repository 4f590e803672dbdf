: A point process that says what it received, and in which turn it ran INITIAL

NEURON {
    POINT_PROCESS Events
    RANGE seen, weight2, turn, order
    GLOBAL turns, received
}

ASSIGNED {
    seen (ms)
    weight2
    turn
    order
    turns
    received
}

INITIAL {
    turns = turns + 1
    turn = turns
    received = 0
    seen = -1
}

NET_RECEIVE(w, w2) {
    seen = t
    weight2 = w2
    received = received + 1
    order = received
}

: Says when v rises through a level, and how often

NEURON {
    POINT_PROCESS Watcher
    RANGE level, seen, count
}

PARAMETER {
    level = -60 (millivolt)
}

ASSIGNED {
    v (millivolt)
    seen (ms)
    count
}

INITIAL {
    seen = -1
    count = 0
    net_send(0, 1)
}

NET_RECEIVE(w) {
    if (flag == 1) {
        WATCH (v > level) 2
    }
    if (flag == 2) {
        seen = t
        count = count + 1
    }
}

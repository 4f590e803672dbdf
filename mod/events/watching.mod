: WATCH conditions of a variable of its own: several at a time, and others after one of them has come true.

NEURON {
    POINT_PROCESS Watching
    RANGE level, low, high, seen, last, rate
}

PARAMETER { low = 0.3  high = 0.7  rate = 0.5 (/ms) }

ASSIGNED { v (mV)  seen  last (ms) }

STATE { level }

INITIAL {
    level = 0
    seen = 0
    net_send(0, 9)
}

BREAKPOINT { SOLVE falls METHOD cnexp }

DERIVATIVE falls { level' = -rate*level }

NET_RECEIVE(w) {
    IF (flag == 0) {
        level = level + w
    } ELSE {
        seen = 10*seen + flag
        last = t
    }
    IF (flag == 9) {
        WATCH (level > high) 2
        WATCH (level > low) 3
    }
    IF (flag == 2) { WATCH (level < low) 4, (level > 2*high) 5 }
    IF (flag == 4) { net_send(0.2, 9) }
}

: Fires number times, at intervals drawn from the sequence that NEURON has once for all.
NEURON { ARTIFICIAL_CELL Burst  RANGE number, interval }
PARAMETER { number = 15  interval = 2 (ms) }
ASSIGNED { fired }
INITIAL {
    fired = 0
    net_send(interval*exprand(1), 1)
}
NET_RECEIVE (w) {
    if (flag == 1) {
        fired = fired + 1
        net_event(t)
        if (fired < number) { net_send(interval*exprand(1), 1) }
    }
}

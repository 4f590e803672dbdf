: A cell that resets v when an event arrives at which it is above its threshold, and tells others (Izhikevich 2003).

NEURON {
    POINT_PROCESS Resetting
    RANGE a, b, c, d, u, push, spikes
}

PARAMETER { a = 0.02  b = 0.2  c = -65 (mV)  d = 2  push = 0 (mV) }

ASSIGNED { v (mV)  u  spikes  last (ms) }

INITIAL {
    u = b*v
    spikes = 0
    last = t
    net_send(0.35, 2)
}

FUNCTION recovered(x, span) { recovered = x + a*span*(b*v - x) }

NET_RECEIVE(w) {
    u = recovered(u, t - last)
    last = t
    IF (flag == 0) {
        v = v + w + push
    } ELSE IF (flag == 1) {
        v = c
        u = u + d
        spikes = spikes + 1
        net_event(t)
    }
    IF (flag == 2) { WATCH (v > 30) 1 }
}

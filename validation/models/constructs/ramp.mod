TITLE Electrode that gives a pulse and then a ramp, through its own series conductance

NEURON {
    POINT_PROCESS Ramp
    ELECTRODE_CURRENT i
    RANGE del, dur, amp, slope, leak, i
    THREADSAFE
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER {
    del = 5 (ms)
    dur = 60 (ms) <0, 1e9>
    amp = 0.2 (nA)
    slope = 0.002 (nA/ms)
    leak = 0.0005 (uS)
}

ASSIGNED {
    v (mV)
    i (nA)
}

INITIAL { i = 0 }

BREAKPOINT {
    at_time(del)
    at_time(del + dur)
    if (t >= del && t < del + dur) {
        i = amp + slope*(t - del) - leak*(v + 65)
    } else {
        i = -leak*(v + 65)
    }
}

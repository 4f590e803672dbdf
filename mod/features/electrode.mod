: A point process that holds the voltage by a LINEAR network and drives ions of its own.

NEURON {
    POINT_PROCESS Electrode
    ELECTRODE_CURRENT i
    RANGE amp, on, off, i, i0, e
}

UNITS { (nA) = (nanoamp)  (mV) = (millivolt)  (uS) = (microsiemens) }

PARAMETER {
    amp = 0.5 (nA)   on = 0 (ms)   off = 1e9 (ms)   gs = 0.01 (uS)
}

ASSIGNED { v (mV)  i (nA)  i0 (nA) }

STATE { e (mV)  u (mV) }

INITIAL { e = v   u = 0   i0 = 0 }

BREAKPOINT {
    SOLVE note METHOD after_cvode
    at_time(on)
    if (t >= on && t < off) { i = current() } else { i = 0 }
}

FUNCTION current() (nA) {
    SOLVE circuit
    current = gs*(e - v)
}

LINEAR circuit {
    LOCAL r
    r = 1/gs
    ~ e - u = v/2
    ~ gs*u + e*(1 + gs) = amp*r - u*3
}

PROCEDURE note() { i0 = i }

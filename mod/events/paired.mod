: Spike-timing dependent plasticity: events of a connection of negative weight are spikes of the cell itself.

NEURON {
    POINT_PROCESS Paired
    NONSPECIFIC_CURRENT i
    RANGE tau, e, tauP, tauD, up, down, tpost, drawn
    GLOBAL total
}

PARAMETER { tau = 2 (ms)  e = 0 (mV)  tauP = 9 (ms)  tauD = 14 (ms)  up = 0.3  down = -0.2 }

ASSIGNED { v (mV)  i (nA)  tpost (ms)  drawn[3]  total }

STATE { g (uS) }

INITIAL {
    tpost = -1e9
    total = 0
    FROM k = 0 TO 2 { drawn[k] = 0 }
}

BREAKPOINT {
    SOLVE state METHOD cnexp
    i = g*(v - e)
}

DERIVATIVE state { g' = -g/tau }

NET_RECEIVE(w, A, tpre (ms)) {
    INITIAL {
        A = 0
        tpre = -1e9
    }
    total = total + 1
    IF (w >= 0) {
        g = g + w + A
        tpre = t
        A = A*(1 + down*exp((tpost - t)/tauD))
        drawn[0] = drawn[0] + A
    } ELSE {
        tpost = t
        FROM k = 1 TO 2 { drawn[k] = drawn[k - 1] + k*w }
        A = A + up*exp((tpre - t)/tauP)
    }
}

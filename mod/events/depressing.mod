: Short-term plasticity (Tsodyks, Pawelzik and Markram 1998): weights keep the state of each connection.

NEURON {
    POINT_PROCESS Depressing
    NONSPECIFIC_CURRENT i
    RANGE tau, e, tau_rec, tau_facil, U, released
}

PARAMETER { tau = 3 (ms)  e = 0 (mV)  tau_rec = 20 (ms)  tau_facil = 7 (ms)  U = 0.4 }

ASSIGNED { v (mV)  i (nA)  released }

STATE { g (uS) }

INITIAL { released = 0 }

BREAKPOINT {
    SOLVE state METHOD cnexp
    i = g*(v - e)
}

DERIVATIVE state { g' = -g/tau }

NET_RECEIVE(weight (uS), R, u, last (ms)) {
    INITIAL {
        R = 1
        u = U
        last = t
    }
    R = 1 - (1 - R)*exp(-(t - last)/tau_rec)
    u = U + (u - U)*exp(-(t - last)/tau_facil)*(1 - U)
    released = R*u
    state_discontinuity(g, g + weight*released)
    R = R - released
    last = t
}

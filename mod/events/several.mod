: Events only add: a synapse with several weights, which a PROCEDURE scales, and an INITIAL that sets one of them.

NEURON {
    POINT_PROCESS Several
    NONSPECIFIC_CURRENT i
    RANGE tau1, tau2, e, gain, g
}

PARAMETER { tau1 = 0.5 (ms)  tau2 = 3 (ms)  e = 0 (mV)  gain = 0.5 }

ASSIGNED { v (mV)  i (nA)  g (uS)  factor  scaled }

STATE { A (uS)  B (uS) }

INITIAL {
    LOCAL tp
    tp = tau1*tau2/(tau2 - tau1)*log(tau2/tau1)
    factor = 1/(exp(-tp/tau2) - exp(-tp/tau1))
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = B - A
    i = g*(v - e)
}

DERIVATIVE states {
    A' = -A/tau1
    B' = -B/tau2
}

PROCEDURE scale(x, y) { scaled = factor*x*y*gain }

FUNCTION more(x, y) { more = x + 2*y }

NET_RECEIVE(weight (uS), boost, twice) {
    INITIAL { twice = 2*boost }
    scale(weight, boost)
    A = A + scaled
    B = more(B, scaled/2)
    IF (twice > 3) {
        A = A + weight
        B = weight + B
    } ELSE {
        A = A - twice*1e-4
    }
}

TITLE A TABLE of an array of which its PROCEDURE sets one element and INITIAL another, first called in a step

NEURON {
    SUFFIX tpart
    USEION k READ ek WRITE ik
    RANGE g, other
}

PARAMETER { g = 1e-3 (S/cm2) }

ASSIGNED { v (mV) ek (mV) ik (mA/cm2) inf[1] tau[3] other }

STATE { n }

INITIAL { n = 0.3  tau[2] = 7 + v/100 }

BREAKPOINT {
    SOLVE states METHOD cnexp
    ik = g*n*(v - ek)
    other = tau[1] + tau[2]
}

DERIVATIVE states {
    rates(v)
    n' = (inf[0] - n)/tau[0]
}

PROCEDURE rates(u (mV)) {
    TABLE inf, tau DEPEND celsius FROM -100 TO 100 WITH 200
    FROM i = 0 TO 0 {
        tau[i] = 1 + 10/(1 + exp((u + 50)/15))*0.9^(celsius/10)
        inf[i] = 1/(1 + exp(-(u + 40)/9))
    }
}

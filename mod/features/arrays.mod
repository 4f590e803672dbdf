: A TABLE of arrays beside values.

NEURON {
    SUFFIX arrays
    NONSPECIFIC_CURRENT i
    RANGE inf, tau, both
}

ASSIGNED { v (mV)  i (mA/cm2)  inf[2]  tau[2]  both }

STATE { m h }

INITIAL { rates(v)   m = inf[0]   h = inf[1] }

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = 1e-5*m*h*(v + 60)
}

DERIVATIVE states {
    rates(v)
    m' = (inf[0] - m)/tau[0]
    h' = (inf[1] - h)/tau[1]
}

PROCEDURE rates(u (mV)) {
    TABLE inf, both, tau FROM -100 TO 50 WITH 150
    FROM k = 0 TO 1 {
        inf[k] = 1/(1 + exp((1 - 2*k)*(-40 - u)/(7 + k)))
        tau[k] = 1 + 3*k + inf[k]
    }
    both = inf[0]*inf[1]
}

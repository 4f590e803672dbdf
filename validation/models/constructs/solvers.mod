TITLE Slow potassium gates by METHOD euler and by hand; loops and arrays on the way

NEURON {
    SUFFIX solvers
    USEION k READ ek WRITE ik
    RANGE gbar, e, hand, ladder, turns
}

DEFINE RUNGS 4

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER { gbar = 0.004 (S/cm2) <0, 1e9> }

STATE { e hand ladder[RUNGS] }

ASSIGNED {
    v (mV)
    dt (ms)
    ek (mV)
    ik (mA/cm2)
    turns
    mean
}

INITIAL {
    e = opened(v)
    hand = opened(v)
    FROM k = 0 TO RUNGS-1 { ladder[k] = opened(v)/(k + 1) }
    average(RUNGS)
}

BREAKPOINT {
    SOLVE forward METHOD euler
    SOLVE advance METHOD after_cvode
    ik = gbar*(0.4*e + 0.4*hand + 0.2*mean)*(v - ek)
}

DERIVATIVE forward { e' = (opened(v) - e)/(8 + halvings(fabs(v) + 1)) }

PROCEDURE advance() { LOCAL before[RUNGS]
    hand = hand + (1 - exp(-dt/9))*(opened(v) - hand)
    FROM k = 0 TO RUNGS-1 { before[k] = ladder[k] }
    ladder[0] = ladder[0] + dt*(hand - before[0])/3
    FROM k = 1 TO RUNGS-1 { ladder[k] = ladder[k] + dt*(before[k-1] - before[k])/3 }
    average(RUNGS)
    VERBATIM
    return 0;
    ENDVERBATIM
}

PROCEDURE average(count) { LOCAL last
    last = count - 1
    mean = 0
    FROM k = 0 TO RUNGS-1 { mean = mean + ladder[k] }
    FROM k = 1 TO last { mean = mean + 0.001*k*k }
    mean = mean/count
}

FUNCTION halvings(x) { LOCAL left
    left = x
    halvings = 0
    while (left > 1) {
        left = left/2
        halvings = halvings + 1
    }
    turns = halvings
}

FUNCTION opened(u (mV)) { opened = 1/(1 + exp(-(u + 42)/8)) }

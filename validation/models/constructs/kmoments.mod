TITLE Potassium channel that works in all the moments of a step: BEFORE and AFTER blocks

NEURON {
    SUFFIX kmoments
    USEION k READ ek WRITE ik
    RANGE gbar, n, peak, early, seen, slow, steps
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER { gbar = 0.01 (S/cm2) <0, 1e9> }

STATE { n }

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    peak (mV)
    early (mV)
    seen (mV)
    slow
    steps
}

BEFORE INITIAL {
    early = v
    peak = -1000
}

INITIAL { n = steady(early) }

AFTER INITIAL {
    slow = n
    steps = 0
}

BEFORE BREAKPOINT { seen = v + 0.5*(v - early) }

BREAKPOINT {
    SOLVE gate METHOD cnexp
    ik = gbar*n^3*(0.7 + 0.3*slow)*(1 + 0.001*seen/(1 (mV)))*(v - ek)
}

DERIVATIVE gate { n' = (steady(v) - n)/lag(v) }

AFTER SOLVE { slow = slow + 0.01*(n - slow) }

BEFORE STEP {
    steps = steps + 1
    early = v
    if (v > peak) { peak = v }
}

FUNCTION steady(u (mV)) { steady = 1/(1 + exp(-(u + 45)/9)) }

FUNCTION lag(u (mV)) (ms) { lag = 2 + 3*exp(-((u + 60)/30)^2) }

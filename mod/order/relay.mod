TITLE Rates that begin with what the instance before left, as published channels do

NEURON {
    SUFFIX relay
    NONSPECIFIC_CURRENT i
    RANGE g, seen
    GLOBAL minf, mtau
}

PARAMETER { g = 1e-4 (S/cm2) }

ASSIGNED {
    v (mV)
    i (mA/cm2)
    minf
    mtau (ms)
    seen (ms)
}

STATE { m }

INITIAL {
    rates(v)
    m = minf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = g*m*(v + 50)
}

DERIVATIVE states {
    rates(v)
    m' = (minf - m)/mtau
}

PROCEDURE rates(u (mV)) {
    seen = mtau
    minf = 1/(1 + exp(-(u + 40)/9)) + 0.01*mtau
    mtau = 2 + 3/(1 + exp((u + 50)/10)) + 0.1*minf
}

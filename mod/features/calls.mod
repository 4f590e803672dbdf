: A DERIVATIVE called like a PROCEDURE makes a step; an argument may be called like a FUNCTION; a PROCEDURE's value is 0.

NEURON {
    SUFFIX calls
    NONSPECIFIC_CURRENT i
    RANGE start, tau, none, set
}

PARAMETER { tau = 3 (ms) }

ASSIGNED { v (mV)  i (mA/cm2)  start  none  set }

STATE { x }

INITIAL {
    x = 0.25
    states()
    start = x
    none = give(3)
    set = give(set)
    x = ratio(half(v), 2)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = 1e-5*x*(v + 60)
}

DERIVATIVE states { x' = (half(v) - x)/tau }

PROCEDURE give(x) { set = x + v }

FUNCTION half(u) { half = 1/(1 + exp(-(u + 40)/10)) }

FUNCTION ratio(half(), top) { ratio = half(top)/(1 + half(0)) }

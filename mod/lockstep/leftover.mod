TITLE A state that CONSERVE makes of what the others leave: a few 1e-9 as a difference of ones

NEURON {
    SUFFIX leftover
    RANGE rate
}

PARAMETER { rate = 1e-9 (/ms) }

ASSIGNED { v (mV) }

STATE { a b c }

INITIAL { SOLVE scheme STEADYSTATE sparse }

BREAKPOINT { SOLVE scheme METHOD sparse }

KINETIC scheme {
    ~ a <-> b (0.3*exp(v/40), 0.5)
    ~ b <-> c (rate, 0.7)
    CONSERVE a + b + c = 1
}

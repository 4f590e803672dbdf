: A DERIVATIVE that euler solves, called by name: it assigns, and leaves its states.

NEURON {
    SUFFIX eulered
    NONSPECIFIC_CURRENT i
    RANGE tau, first, second, seen, other
}

PARAMETER { tau = 3 (ms) }

ASSIGNED { v (mV)  i (mA/cm2)  first second seen other }

STATE { a b }

INITIAL {
    a = 0.25
    b = 0.5
    states()
    first = 100*a + b
    second = seen + other
}

BREAKPOINT {
    SOLVE states METHOD euler
    i = 1e-5*(a + b)*(v + 60)
}

DERIVATIVE states {
    seen = 10*a + v
    a' = (note(0.1*v) - a)/tau
    b' = note(b) - b/tau
}

FUNCTION note(x) {
    other = x + 1
    note = x/(1 + fabs(x))
}

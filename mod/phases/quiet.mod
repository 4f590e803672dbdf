TITLE A mechanism without currents: its BREAKPOINT runs once a step, after its states, and not in finitialize

NEURON {
    SUFFIX quiet
    RANGE count, seen, m
}

ASSIGNED {
    v (mV)
    count
    seen
}

STATE { m }

INITIAL {
    m = 0
    count = 0
    seen = -1
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    count = count + 1
    seen = m
}

DERIVATIVE states {
    m' = (1 - m)/(3 + v/100)
}

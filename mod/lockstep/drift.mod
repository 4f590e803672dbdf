TITLE Writes a reversal potential that moves with its state, in the current phase and behind SOLVE

NEURON {
    SUFFIX drift
    USEION xs READ ixs WRITE exs VALENCE 1
    NONSPECIFIC_CURRENT i
    RANGE moved
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
    ixs (mA/cm2)
    exs (mV)
}

STATE { moved (mV) }

INITIAL {
    moved = 0
    exs = -60
}

BREAKPOINT {
    SOLVE drifts METHOD cnexp
    exs = -60 + moved
    i = 1e-6*v
}

DERIVATIVE drifts { moved' = -moved/5 - 1e3*ixs }

: BEFORE and AFTER blocks that count: what each leaves for the next phase.

NEURON {
    SUFFIX moments
    NONSPECIFIC_CURRENT i
    RANGE before, after, solved
}

ASSIGNED { v (mV)  i (mA/cm2)  before after solved }

STATE { m h }

BEFORE INITIAL { before = 1 }

AFTER INITIAL { after = m*2 }

BEFORE BREAKPOINT { before = before + v/1000 }

AFTER SOLVE { solved = m + h }

BEFORE STEP { after = after + 1 }

INITIAL {
    m = 0.3   h = before*0.2   solved = 0
}

BREAKPOINT {
    SOLVE states METHOD derivimplicit
    i = 1e-6*(m + h)*v
}

DERIVATIVE states {
    h' = 1 - h*(1 + fabs(v))
    m' = h - m*m*3
}

TITLE Potassium piles up outside: the reversal potential follows one step behind

NEURON {
    SUFFIX kpool
    USEION k READ ik WRITE ko
    RANGE rate
}

PARAMETER {
    rate = 5 (mM cm2/mA/ms)
    tau = 20 (ms)
    rest = 2.5 (mM)
}

ASSIGNED { ik (mA/cm2) }

STATE { ko (mM) }

INITIAL { ko = rest }

BREAKPOINT { SOLVE states METHOD cnexp }

DERIVATIVE states {
    ko' = rate*ik - (ko - rest)/tau
}

TITLE Two COMPARTMENTs of one state: its reactions take the last one, its diffusion the first

NEURON {
    SUFFIX walled
    RANGE D
}

PARAMETER { D = 0.5 (um2/ms) }

ASSIGNED { diam (um) }

STATE { c (mM) }

INITIAL { c = diam }

BREAKPOINT { SOLVE states METHOD sparse }

KINETIC states {
    COMPARTMENT diam*diam/4 { c }
    COMPARTMENT 500 { c }
    LONGITUDINAL_DIFFUSION D*diam*diam/4 { c }
    ~ c << (c*10)
}

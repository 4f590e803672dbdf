: A DERIVATIVE without METHOD: its statements run, its states stand still.

NEURON {
    SUFFIX still
    NONSPECIFIC_CURRENT i
    RANGE shown
}

ASSIGNED { v (mV)  i (mA/cm2)  shown }

STATE { u }

INITIAL { u = 0.3   shown = 0 }

BREAKPOINT {
    SOLVE change
    i = 1e-5*u*(v + 70)
}

DERIVATIVE change {
    shown = shown + u
    u' = 1 - u*v
}

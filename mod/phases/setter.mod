TITLE Writes a reversal potential itself, in INITIAL and in BREAKPOINT

NEURON {
    SUFFIX setter
    USEION k READ ek WRITE ek, ik
    RANGE before, g
}

PARAMETER { g = 1e-5 (S/cm2) }

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    before (mV) : the reversal potential that INITIAL found
}

INITIAL {
    before = ek
    ek = -90
}

BREAKPOINT {
    ek = -85
    ik = g*(v - ek)
}

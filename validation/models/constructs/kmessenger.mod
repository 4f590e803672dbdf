TITLE Potassium channel that a messenger binds to, an ion of its own

NEURON {
    SUFFIX kmessenger
    USEION k READ ek WRITE ik
    USEION msg READ msgi VALENCE 1
    RANGE gbar
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (mM) = (milli/liter)
    (S) = (siemens)
}

PARAMETER { gbar = 0.002 (S/cm2) <0, 1e9> }

STATE { closed opened }

ASSIGNED {
    v (mV)
    ek (mV)
    msgi (mM)
    ik (mA/cm2)
}

INITIAL {
    closed = 1
    opened = 0
}

BREAKPOINT {
    SOLVE binding METHOD sparse
    ik = gbar*opened*(v - ek)
}

KINETIC binding {
    ~ closed <-> opened (40 (/mM-ms)*msgi, 0.02 (/ms))
    CONSERVE closed + opened = 1
}

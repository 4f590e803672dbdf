TITLE A gate that inhibits itself, by derivimplicit

NEURON {
    SUFFIX kimplicit
    USEION k READ ek WRITE ik
    RANGE gbar, d, c
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER { gbar = 0.002 (S/cm2) <0, 1e9> }

STATE { d c }

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
}

INITIAL {
    d = 0.1
    c = 0
}

BREAKPOINT {
    SOLVE gates METHOD derivimplicit
    ik = gbar*d*(1 - c)*(v - ek)
}

DERIVATIVE gates {
    d' = (1/(1 + exp(-(v + 42)/8)) - d*d - 0.5*d*c)/11
    c' = (d*d - c)/40
}

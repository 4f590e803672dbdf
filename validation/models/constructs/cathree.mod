TITLE Calcium channel with a gate of three states

NEURON {
    SUFFIX cathree
    USEION ca READ cai, cao WRITE ica
    RANGE pbar, c0, o
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (mM) = (milli/liter)
    F = (faraday) (kilocoulombs)
    R = (k-mole) (joule/degC)
}

PARAMETER { pbar = 2e-5 (cm/s) <0, 1e9> }

STATE { c0 c1 o }

ASSIGNED {
    v (mV)
    celsius (degC)
    cai (mM)
    cao (mM)
    ica (mA/cm2)
    a (/ms)
    b (/ms)
}

INITIAL {
    rates(v)
    SOLVE channel STEADYSTATE sparse
}

BREAKPOINT {
    SOLVE channel METHOD sparse
    ica = pbar*o*o*ghk(v, cai, cao)
}

KINETIC channel {
    rates(v)
    ~ c0 <-> c1 (2*a, b)
    ~ c1 <-> o (a, 2*b)
    CONSERVE c0 + c1 + o = 1
}

PROCEDURE rates(v (mV)) {
    a = 0.9*exp((v + 15)/16)
    b = 0.3*exp(-(v + 15)/20)
}

FUNCTION ghk(v (mV), ci (mM), co (mM)) (0.001 coul/cm3) { LOCAL z
    z = 0.001*2*F*v*1000/(R*(celsius + 273.15))
    ghk = 0.001*2*F*1000*(ci*bernoulli(-z) - co*bernoulli(z))
}

FUNCTION bernoulli(z) {
    if (fabs(z) < 1e-4) {
        bernoulli = 1 - z/2
    } else {
        bernoulli = z/(exp(z) - 1)
    }
}

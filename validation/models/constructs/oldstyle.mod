TITLE Calcium current in the style of old files: declared built-ins, constants of every spelling, C text

INDEPENDENT { t FROM 0 TO 1 WITH 1 (ms) }

NEURON {
    SUFFIX oldstyle
    USEION ca READ eca, cai WRITE ica, cai
    USEION na READ ena
    NONSPECIFIC_CURRENT ileak
    RANGE gbar, gleak, m, depth, rest, start, shell
    GLOBAL q10
}

COMMENT
   Units in every spelling - and a little Greek: tau is τ, 20 °C, 3 µm.
ENDCOMMENT

INCLUDE "rates.inc"

DEFINE HALF 2

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (molar) = (1/liter)
    (mM) = (millimolar)
    (um) = (micron)
    (mS) = (millisiemens)
    FARADAY = (faraday) (coulomb)
    F2 = 96485.309 (coul)
    R = (k-mole) (joule/degC)
    R2 = 8.3134 (joule/degC)
    PI = (pi) (1)
}

CONSTANT { zero_celsius = 273.15 (degC) }

PARAMETER {
    v (mV)
    dt (ms)
    celsius = 20 (degC)
    ena = 50 (mV)
    gbar = 0.4 (mS/cm2) <0, 1e6>
    gleak = 0.02 (mS/cm2)
    q10 = 2.3 (1) <1, 10>
    depth = .1 (um)
    rest = 5e-5 (mM)
    tau = 30 (ms)
}

STATE { m FROM 0 TO 1  cai (mM) <1e-6> }

ASSIGNED {
    eca (mV)
    ica (mA/cm2)
    ileak (mA/cm2)
    start (mM)
    shell
}

LOCAL factor

INITIAL {
    VERBATIM
    cai = _ion_cai;
    ENDVERBATIM
    start = cai
    factor = q10^((celsius - 20(degC))/10(degC))
    m = logistic(v, -30, 6)
    shell = PI*depth*HALF
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    ica = (1e-3)*gbar*m*m*(v - eca)
    ileak = (0.001)*gleak*(v + ena*1.2 + R*zero_celsius/FARADAY + (R2 - R)/F2)
}

UNITSOFF

DERIVATIVE states {
    m' = factor*(logistic(v, -30, 6) - m)/1.5
    cai' = -1e4*ica/(2*FARADAY*depth) + (rest - cai)/tau
    VERBATIM
    return 0;
    ENDVERBATIM
}

UNITSON

TITLE A field outside and what it records, by POINTERs to extracellular (as xtra.mod)

NEURON {
    SUFFIX field
    RANGE rx, er, amplitude
    POINTER im, ex
}
UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
}
PARAMETER {
    rx = 1
    amplitude = 20 (mV)
}
ASSIGNED {
    ex (mV)
    im (mA/cm2)
    er
    area (micron2)
}
INITIAL {
    ex = 0
    er = 0
}
BEFORE BREAKPOINT {
    if (t > 0.5 && t < 1.2) { ex = rx*amplitude } else { ex = 0 }
}
AFTER SOLVE {
    er = rx*im*area
}

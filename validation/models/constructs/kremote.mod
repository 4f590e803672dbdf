TITLE Potassium current that is gated by a value somewhere else

COMMENT
The pointer shows another mechanism's state, or a concentration of another compartment.
ENDCOMMENT

NEURON {
    SUFFIX kremote
    USEION k READ ek WRITE ik
    POINTER signal
    RANGE gbar, half, w
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gbar = 0.003 (S/cm2) <0, 1e9>
    half = 0.4
    tau = 6 (ms)
}

STATE { w }

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    signal
}

INITIAL { w = signal/(signal + half) }

BREAKPOINT {
    SOLVE gate METHOD cnexp
    ik = gbar*w*w*(v - ek)
}

DERIVATIVE gate { w' = (signal/(signal + half) - w)/tau }

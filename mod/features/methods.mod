: METHOD euler; SOLVE inside IF, which NEURON runs whatever the condition; several SOLVEs; states advanced by hand.

NEURON {
    SUFFIX methods
    NONSPECIFIC_CURRENT i
    RANGE h, seen, evaluations, w
}

PARAMETER { rate = 0.7 (/ms) }

ASSIGNED { v (mV)  i (mA/cm2)  dt (ms)  seen  evaluations  w }

STATE { yy  z  u  h }

INITIAL { yy = 1   z = v/50   u = 2   h = 0   evaluations = 0 }

BREAKPOINT {
    LOCAL g
    g = 1e-5*yy
    if (v > -50) {
        SOLVE forward METHOD euler
        g = g + 1e-6
    } else {
        SOLVE hand
    }
    i = g*(v + 70)
    SOLVE watch METHOD after_cvode
}

DERIVATIVE forward {
    evaluations = evaluations + 1
    seen = z + dt
    yy' = -rate*yy*yy + v/100
    z' = u - yy
    u' = -z*u
}

PROCEDURE hand() {
    h = h + (1 - exp(-dt*(2 + v/100)))*(1/(1 + exp(-v/10)) - h)
    VERBATIM
    return 0;
    ENDVERBATIM
}

PROCEDURE watch() { w = h + yy }

: TABLE of a PROCEDURE and of a FUNCTION, with bounds and dependences that are GLOBAL.

NEURON {
    SUFFIX lookup
    NONSPECIFIC_CURRENT i
    RANGE inf, tau, f
    GLOBAL low, high, mid
}

UNITS { (mV) = (millivolt) }

PARAMETER { low = -90 (mV)   high = 30 (mV)   mid = -45 (mV) }

ASSIGNED { v (mV)  i (mA/cm2)  celsius (degC)  inf tau f }

STATE { m }

INITIAL { rates(v)   m = inf }

BREAKPOINT {
    SOLVE states METHOD cnexp
    f = curve(v + 3)
    i = 1e-5*m*(v + 70) + 1e-6*f
}

DERIVATIVE states {
    rates(v + 1)
    m' = (inf - m)/tau
}

PROCEDURE rates(u (mV)) { LOCAL q
    TABLE inf, tau DEPEND mid, celsius FROM low TO high WITH 73
    q = 2^((celsius - 20)/10)
    inf = 1/(1 + exp(-(u - mid)/7))
    tau = (1 + inf*inf)/q
}

FUNCTION curve(u (mV)) {
    TABLE FROM -100 TO 50 WITH 151
    if (u < -30) { curve = exp((u + 30)/20) } else { curve = 1/(1 + (u + 30)/50) }
}

: derivimplicit on a stiff pair; statements before and after the equations.

NEURON {
    SUFFIX implicit
    NONSPECIFIC_CURRENT i
    RANGE p, s, drive, sum
}

UNITS { (mV) = (millivolt) }

PARAMETER { mu = 3 }

ASSIGNED { v (mV)  i (mA/cm2)  drive sum }

STATE { p s }

INITIAL { p = 1 + v/100   s = 0 }

BREAKPOINT {
    SOLVE vanderpol METHOD derivimplicit
    i = 1e-5*(p + s*v)
}

DERIVATIVE vanderpol {
    drive = p*p
    if (v > -50) { drive = drive + 0.1 }
    p' = s
    s' = mu*(1 - drive)*s - p
    sum = p + s
}

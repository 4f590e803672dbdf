: derivimplicit on a stiff pair, and on a block that cnexp cannot take.

NEURON {
    SUFFIX implicit
    NONSPECIFIC_CURRENT i
    RANGE x, y, z, drive
}

UNITS { (mV) = (millivolt) }

PARAMETER { mu = 3 }

ASSIGNED { v (mV)  i (mA/cm2)  drive }

STATE { x y z START 0.5 }

INITIAL { x = 1 + v/100   y = 0 }

BREAKPOINT {
    SOLVE pair METHOD derivimplicit
    SOLVE decay METHOD cnexp
    i = 1e-5*(x + y*v + z)
}

DERIVATIVE pair {
    drive = x*x
    if (v > -50) { drive = drive + 0.1 }
    x' = y
    y' = mu*(1 - drive)*y - x
}

DERIVATIVE decay {
    z' = -z/(1 + z*z) + 0.1*exp(v/50)
}

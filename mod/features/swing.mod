: METHOD runge.

NEURON {
    SUFFIX swing
    NONSPECIFIC_CURRENT i
    RANGE energy
}

ASSIGNED { v (mV)  i (mA/cm2)  energy }

STATE { p  q }

INITIAL { p = 1   q = v/60   energy = 0 }

BREAKPOINT {
    SOLVE motion METHOD runge
    i = 1e-5*(p + q)*(v + 70)
}

DERIVATIVE motion {
    energy = p*p + q*q
    p' = q*(1 + v/200)
    q' = -p - 0.3*q*energy
}

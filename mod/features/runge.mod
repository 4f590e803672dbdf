: METHOD runge and a DERIVATIVE without METHOD, whose statements run but whose states stand still.

NEURON {
    SUFFIX runge_kutta
    NONSPECIFIC_CURRENT i
    RANGE p, q, still, energy, shown
}

ASSIGNED { v (mV)  i (mA/cm2)  energy  shown }

STATE { p  q  still }

INITIAL { p = 1   q = v/60   still = 0.3 }

BREAKPOINT {
    SOLVE swing METHOD runge
    SOLVE nothing
    i = 1e-5*(p + q)*(v + 70)
}

DERIVATIVE swing {
    energy = p*p + q*q
    p' = q*(1 + v/200)
    q' = -p - 0.3*q*energy
}

DERIVATIVE nothing {
    shown = shown + still
    still' = 1 - still*v
}

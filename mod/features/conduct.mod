: CONDUCTANCE: the current's slope by name; currents of an ion and of none; v not declared.

NEURON {
    SUFFIX conduct
    USEION k READ ek WRITE ik
    NONSPECIFIC_CURRENT i
    RANGE g, gleak, n
}

UNITS { (mV) = (millivolt)  (S) = (siemens) }

PARAMETER { g = 0.001 (S/cm2)   gleak = 1e-4 (S/cm2)   e = -65 (mV) }

ASSIGNED { ek (mV)  ik (mA/cm2)  i (mA/cm2)  gk (S/cm2)  area (um2)  diam (um) }

STATE { n }

INITIAL { n = 1/(1 + exp(-v/10)) }

BREAKPOINT {
    CONDUCTANCE gk USEION k
    CONDUCTANCE gleak
    SOLVE states METHOD cnexp
    gk = g*n*n
    ik = gk*(v - ek)
    i = gleak*(v - e)
}

DERIVATIVE states { n' = (1/(1 + exp(-v/10)) - n)/(3 + area/1000 + diam/10) }

: A TABLE that depends on RANGE, which NEURON builds from the first instance; used while Newton iterates.

NEURON {
    SUFFIX instances
    NONSPECIFIC_CURRENT i
    RANGE half, width, inf
}

UNITS { (mV) = (millivolt) }

PARAMETER { half = -40 (mV)   width = 7 (mV)   g = 1e-5 }

ASSIGNED { v (mV)  i (mA/cm2)  inf  slow  celsius (degC) }

STATE { m }

INITIAL { rates(v)   m = inf*0.9 }

BREAKPOINT {
    SOLVE states METHOD derivimplicit
    i = g*m*(v - half)
}

DERIVATIVE states {
    rates(v)
    m' = (inf - m)/slow
}

PROCEDURE rates(u (mV)) {
    TABLE inf, slow DEPEND half, celsius FROM -120 TO 60 WITH 90
    inf = boltzmann(u)
    slow = 1 + inf*celsius
}

FUNCTION boltzmann(u (mV)) { boltzmann = 1/(1 + exp(-(u - half)/width)) }

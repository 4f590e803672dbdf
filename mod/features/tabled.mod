: usetable, read as a number: 1 where tables are used, else 0.

NEURON { SUFFIX tabled NONSPECIFIC_CURRENT i RANGE g, inf, used }

PARAMETER { g = 1e-3 (S/cm2) }

ASSIGNED { v (mV) i (mA/cm2) inf used }

STATE { n }

INITIAL {
    look(v)
    if (usetable == 0) { n = 0.9 } else { n = inf }
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    used = 1 + usetable
    i = g*n*(v + 70)*used
}

DERIVATIVE states { look(v)  n' = (inf - n)/(4 + usetable) }

PROCEDURE look(u (mV)) {
    TABLE inf FROM -120 TO 80 WITH 200
    inf = 1/(1 + exp(-(u + 30)/7))
}

: A current that is linear in v (its slope is exact here), no number where c is negative and infinite where s is large.
NEURON { SUFFIX no_current NONSPECIFIC_CURRENT i RANGE e, c }
PARAMETER { e = 5 }
ASSIGNED { v (mV) i (mA/cm2) }
STATE { c s }
INITIAL { c = 0.5 s = 1 }
BREAKPOINT { SOLVE states METHOD cnexp i = 1e-4*(v - e*log(c)) + 10^(250*s - 254)*(v - e) }
DERIVATIVE states { c' = (0.5 - c)/10  s' = (1 - s)/10 }

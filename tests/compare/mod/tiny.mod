NEURON { SUFFIX tiny RANGE g, gg NONSPECIFIC_CURRENT i }
PARAMETER { g = 1e-15 (S/cm2) }
ASSIGNED { v (mV) i (mA/cm2) gg }
STATE { m }
INITIAL { m = 1e-20 }
BREAKPOINT { SOLVE s METHOD cnexp gg = g*m^3  i = gg*(v + 65) }
DERIVATIVE s { m' = (1e-20*exp(v/20) - m)/3 }

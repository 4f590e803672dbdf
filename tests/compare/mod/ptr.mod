NEURON { SUFFIX ptr POINTER w RANGE g, q NONSPECIFIC_CURRENT i }
PARAMETER { g = 1e-5 }
ASSIGNED { v (mV) i (mA/cm2) w q }
BREAKPOINT { q = v - w  i = g*q }

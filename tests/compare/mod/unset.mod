NEURON { SUFFIX unset RANGE x NONSPECIFIC_CURRENT i }
ASSIGNED { v (mV) i (mA/cm2) x y }
BREAKPOINT { if (v > 0) { x = 1 }  i = 1e-5*(v + 65 + x) }

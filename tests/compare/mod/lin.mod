NEURON { SUFFIX lin RANGE a, b NONSPECIFIC_CURRENT i }
ASSIGNED { v (mV) i (mA/cm2) }
STATE { a b }
INITIAL { SOLVE l }
BREAKPOINT { SOLVE l  i = 1e-5*(a + b)*(v + 65) }
LINEAR l { ~ a + b = 1  ~ exp(v/10)*a - 2*b = 0 }

NEURON { POINT_PROCESS looked_up_point RANGE x, y NONSPECIFIC_CURRENT i }
ASSIGNED { v (mV) i (nA) x y }
INITIAL { x = one(v) }
BREAKPOINT { x = one(v) y = one(v + 10)  i = 1e-3*x*(v + 65) }
FUNCTION_TABLE one(v (mV))

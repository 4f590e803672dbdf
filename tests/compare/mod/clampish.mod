NEURON { POINT_PROCESS clampish RANGE e, g, i ELECTRODE_CURRENT i }
PARAMETER { e = -60 g = 1e-4 }
ASSIGNED { v (mV) i (nA) }
BREAKPOINT { i = g*(e - v) }

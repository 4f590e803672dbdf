TITLE Two BEFORE blocks of one moment: NEURON runs both, in the order of the file
NEURON {
  SUFFIX moments_twice
  NONSPECIFIC_CURRENT i
  RANGE g, first, second
}
PARAMETER { g = 0.001 (S/cm2) }
ASSIGNED { v (mV) i (mA/cm2) first second }
INITIAL { first = 0  second = 0 }
BREAKPOINT { i = g*(v + 60)*(1 + second) }
BEFORE STEP { LOCAL q
  q = v/100
  first = q + 1
}
BEFORE STEP { LOCAL q
  q = 2*first
  second = q + first*first
}

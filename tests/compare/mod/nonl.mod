NEURON { SUFFIX nonl USEION ca READ ica WRITE cai RANGE b }
ASSIGNED { v (mV) ica (mA/cm2) }
STATE { cai (mM) b }
INITIAL { b = 0.01 }
BREAKPOINT { SOLVE s METHOD derivimplicit }
DERIVATIVE s { cai' = -ica*1e-3 - 100*cai*(0.1 - b) + 0.1*b   b' = 100*cai*(0.1 - b) - 0.1*b }

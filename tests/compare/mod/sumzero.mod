NEURON { SUFFIX sumzero USEION na READ ena WRITE ina USEION k READ ek WRITE ik RANGE net NONSPECIFIC_CURRENT il }
ASSIGNED { v (mV) ina (mA/cm2) ik (mA/cm2) ena (mV) ek (mV) il (mA/cm2) net }
BREAKPOINT { ina = 1e-3*(v - ena) ik = 2e-3*(v - ek)  il = -ina - ik  net = ina + ik + il }

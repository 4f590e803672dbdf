NEURON { SUFFIX ghk0 USEION ca READ cai, cao WRITE ica RANGE p, d }
UNITS { FARADAY = (faraday) (coulomb) R = (k-mole) (joule/degC) }
PARAMETER { p = 1e-6 celsius (degC) }
ASSIGNED { v (mV) ica (mA/cm2) cai (mM) cao (mM) d }
BREAKPOINT { d = driving(v, cai, cao)  ica = p*d }
FUNCTION driving(v, ci, co) { LOCAL z z = 2e-3*FARADAY*v/(R*(celsius + 273.15))  driving = 1e-3*2*FARADAY*(ci*efun(-z) - co*efun(z)) }
FUNCTION efun(z) { if (fabs(z) < 1e-4) { efun = 1 - z/2 } else { efun = z/(exp(z) - 1) } }

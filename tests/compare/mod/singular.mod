NEURON { SUFFIX singular RANGE minf, a NONSPECIFIC_CURRENT i }
ASSIGNED { v (mV) i (mA/cm2) minf a b }
STATE { m }
INITIAL { rates(v) m = minf }
BREAKPOINT { SOLVE s METHOD cnexp i = 1e-4*m*(v + 65) }
DERIVATIVE s { rates(v) m' = (minf - m)*(a + b) }
FUNCTION vtrap(x, y) { if (fabs(x/y) < 1e-6) { vtrap = y*(1 - x/y/2) } else { vtrap = x/(exp(x/y) - 1) } }
PROCEDURE rates(v) { a = 0.1*vtrap(-(v + 40), 10)  b = 0.108*(v + 60)/(1 - exp(-(v + 60)/9)) + 4*exp(-(v + 65)/18)  minf = a/(a + b) }

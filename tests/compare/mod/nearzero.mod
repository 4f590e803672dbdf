NEURON { SUFFIX nearzero RANGE m, h NONSPECIFIC_CURRENT i }
ASSIGNED { v (mV) i (mA/cm2) minf hinf }
STATE { m h }
INITIAL { rates(v) m = minf h = hinf }
BREAKPOINT { SOLVE s METHOD cnexp i = 1e-3*m*m*m*h*(v - 50) }
DERIVATIVE s { rates(v) m' = (minf - m)/0.01  h' = (hinf - h)/500 }
PROCEDURE rates(v) { minf = 1/(1 + exp(-(v + 20)/1.5))  hinf = 1 - 1/(1 + exp(-(v + 60)/1.5)) }

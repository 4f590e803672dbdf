TITLE Limits that are parameters
NEURON {
  SUFFIX tlimits
  USEION k READ ek WRITE ik
  RANGE g
  GLOBAL low, high
}
PARAMETER {
  g = 0.002 (S/cm2)
  celsius (degC)
  low = -100 high = 40
  scale = 1.5
}
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) ninf ntau (ms) }
STATE { n }
INITIAL {
  look(v)
  n = ninf
}
BREAKPOINT {
  SOLVE gate METHOD cnexp
  ik = g*n*(v - ek)
}
DERIVATIVE gate {
  look(v)
  n' = (ninf - n)/ntau
}
PROCEDURE look(u (mV)) {
  TABLE ninf, ntau DEPEND low, high FROM low TO high WITH 45
  ninf = 1/(1 + exp(-(u + 30)/7))
  ntau = 2 + 1.5*scale
}

TITLE A PARAMETER of each instance, not thread-safe: the first instance's
NEURON {
  SUFFIX tuparam
  USEION k READ ek WRITE ik
  RANGE g, scale
  GLOBAL ninf
}
PARAMETER {
  g = 0.002 (S/cm2)
  celsius (degC)
  scale = 3
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
  TABLE ninf, ntau DEPEND celsius FROM -120 TO 80 WITH 50
  ninf = 1/(1 + exp(-(u + 30)/7))
  ntau = 2 + 1.5*scale
}

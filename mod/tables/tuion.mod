TITLE An ion's variable at the first call, not thread-safe
NEURON {
  SUFFIX tuion
  USEION k READ ek WRITE ik
  RANGE g
  GLOBAL ninf
}
PARAMETER {
  g = 0.002 (S/cm2)
  celsius (degC)
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
  ninf = 1/(1 + exp(-(u + 30 - ek/100)/7))
  ntau = 3 - ek/50
}

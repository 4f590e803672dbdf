TITLE What building one table sets, another one is built from
NEURON {
  SUFFIX tchain
  USEION k READ ek WRITE ik
  RANGE g, q
}
PARAMETER {
  g = 0.002 (S/cm2)
  celsius (degC)
}
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) ninf ntau (ms) scale q wide }
STATE { n }
INITIAL {
  start(v)
  look(v)
  n = ninf
}
BREAKPOINT {
  SOLVE gate METHOD cnexp
  ik = g*n*(v - ek)*wide/7
}
DERIVATIVE gate {
  start(v)
  look(v)
  n' = (ninf - n)/ntau
}
PROCEDURE start(u (mV)) {
  TABLE wide FROM -120 TO 80 WITH 50
  scale = 1.25
  wide = 7 + u/100
  q = 2*scale
}
PROCEDURE look(u (mV)) {
  TABLE ninf, ntau FROM -120 TO 80 WITH 50
  ninf = 1/(1 + exp(-(u + 30)/7))
  ntau = 2 + 1.5*q
}

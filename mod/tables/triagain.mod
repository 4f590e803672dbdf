TITLE A RANGE variable that INITIAL sets and DEPEND lists: built again before the first step
NEURON {
  SUFFIX triagain
  USEION k READ ek WRITE ik
  RANGE g, scale
}
PARAMETER {
  g = 0.002 (S/cm2)
  celsius (degC)
}
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) ninf ntau (ms) scale }
STATE { n }
INITIAL {
  scale = 2.3^((celsius - 23)/10) + g*1000
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
  TABLE ninf, ntau DEPEND celsius, scale FROM -120 TO 80 WITH 50
  ninf = 1/(1 + exp(-(u + 30)/7))
  ntau = 2 + 1.5*scale
}

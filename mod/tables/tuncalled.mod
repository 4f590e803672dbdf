TITLE A TABLE that nothing calls: NEURON builds it all the same
NEURON {
  SUFFIX tuncalled
  USEION k READ ek WRITE ik
  RANGE g, seen, other
}
PARAMETER {
  g = 0.002 (S/cm2)
  celsius (degC)
}
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) ninf ntau (ms) seen other }
STATE { n }
INITIAL {
  other = other + seen + 1
  n = 0.3
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
  ntau = 2 + 1.5*2.3^((celsius - 23)/10)/(1 + exp((u + 40)/20))
}
PROCEDURE uncalled(u) {
  TABLE seen FROM 0 TO 2 WITH 10
  seen = 1 + u*u
  other = 3
}

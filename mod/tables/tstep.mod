TITLE A GLOBAL that building the table in the first step sets
NEURON {
  SUFFIX tstep
  USEION k READ ek WRITE ik
  RANGE g
  GLOBAL scale
}
PARAMETER {
  g = 0.002 (S/cm2)
  celsius (degC)
}
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) ninf ntau (ms) scale }
STATE { n }
INITIAL {
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
  scale = 2.3^((celsius - 23)/10)
  ninf = 1/(1 + exp(-(u + 30)/7))
  ntau = 2 + 1.5*2.3^((celsius - 23)/10)/(1 + exp((u + 40)/20))
}

TITLE A GLOBAL that building the table sets, and INITIAL reads before it: the first instance sees another value
NEURON {
  SUFFIX tlefto
  USEION k READ ek WRITE ik
  RANGE g, seen
  GLOBAL scale
}
PARAMETER {
  g = 0.002 (S/cm2)
  celsius (degC)
}
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) ninf ntau (ms) scale seen }
STATE { n }
INITIAL {
  seen = scale
  look(v)
  scale = scale + g*100
  n = ninf
}
BREAKPOINT {
  SOLVE gate METHOD cnexp
  ik = (0.3 + seen)*scale*g*n*(v - ek)
}
DERIVATIVE gate {
  look(v)
  n' = (ninf - n)/ntau
}
PROCEDURE look(u (mV)) {
  TABLE ninf, ntau DEPEND celsius FROM -120 TO 80 WITH 50
  scale = 2.3^((celsius - 23)/10)
  ninf = 1/(1 + exp(-(u + 30)/7))
  ntau = 2 + 1.5*scale
}

TITLE A table that is built with another one
NEURON {
  SUFFIX tnested
  USEION k READ ek WRITE ik
  RANGE g
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
FUNCTION rise(x) {
  TABLE FROM -20 TO 20 WITH 80
  rise = 1/(1 + exp(-x))
}
PROCEDURE look(u (mV)) {
  TABLE ninf, ntau DEPEND celsius FROM -120 TO 80 WITH 50
  ninf = rise(u/7)
  ntau = 2 + rise(-u/9)
}

TITLE A GLOBAL array
NEURON {
  SUFFIX tarray
  USEION k READ ek WRITE ik
  RANGE g
  GLOBAL both
}
PARAMETER {
  g = 0.002 (S/cm2)
  celsius (degC)
}
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) ninf ntau (ms) both[2] }
STATE { n }
INITIAL {
  look(v)
  ninf = both[0]
  n = ninf
}
BREAKPOINT {
  SOLVE gate METHOD cnexp
  ik = g*n*(v - ek)
}
DERIVATIVE gate {
  look(v)
  ninf = both[0]
  ntau = both[1]
  n' = (ninf - n)/ntau
}
PROCEDURE look(u (mV)) {
  TABLE both DEPEND celsius FROM -120 TO 80 WITH 50
  FROM i = 0 TO 1 { both[i] = (1 - i)/(1 + exp(-(u + 30)/7)) + i*(3 + celsius/30) }
}

TITLE A value at one abscissa that depends on another's at the abscissa before
NEURON {
  SUFFIX tbehind
  USEION k READ ek WRITE ik
  RANGE g, late
}
PARAMETER {
  g = 0.002 (S/cm2)
  celsius (degC)
}
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) ninf ntau (ms) late }
STATE { n }
INITIAL {
  look(v)
  n = ninf
}
BREAKPOINT {
  SOLVE gate METHOD cnexp
  ik = g*n*late*(v - ek)
}
DERIVATIVE gate {
  look(v)
  n' = (ninf - n)/ntau
}
PROCEDURE look(u (mV)) {
  TABLE ninf, ntau, late FROM -120 TO 80 WITH 50
  ninf = 1/(1 + exp(-(u + 30)/7))
  late = ninf + 0.1*ntau
  ntau = 3 + 2/(1 + exp((u + 50)/9))
}

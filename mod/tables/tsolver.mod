TITLE A table that its first call builds, and a solver uses
NEURON {
  SUFFIX tsolver
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
  scale = 2.3^((celsius - 23)/10)
  look(v)
  n = ninf
}
BREAKPOINT {
  SOLVE gate METHOD derivimplicit
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

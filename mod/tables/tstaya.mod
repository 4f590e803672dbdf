TITLE The same of an array
NEURON {
  SUFFIX tstaya
  USEION k READ ek WRITE ik
  RANGE g, tau, seen
}
PARAMETER {
  g = 0.002 (S/cm2)
  celsius (degC)
}
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) ninf tau[2] (ms) seen }
STATE { n }
INITIAL {
  seen = 1 + tau[1]
  n = 0.3
}
BREAKPOINT {
  SOLVE gate METHOD cnexp
  ik = g*n*(v - ek)
}
DERIVATIVE gate {
  look(v)
  n' = (ninf - n)/tau[1]
}
PROCEDURE look(u (mV)) {
  TABLE ninf, tau DEPEND celsius FROM -120 TO 80 WITH 50
  ninf = 1/(1 + exp(-(u + 30)/7))
  tau[0] = 2 + 1.5*2.3^((celsius - 23)/10)/(1 + exp((u + 40)/20))
  tau[1] = 2*tau[0]
}

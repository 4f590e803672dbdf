TITLE The same of a GLOBAL of a thread-safe mechanism
NEURON {
  THREADSAFE
  SUFFIX tstayg
  USEION k READ ek WRITE ik
  RANGE g, seen
  GLOBAL ntau
}
PARAMETER {
  g = 0.002 (S/cm2)
  celsius (degC)
}
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) ninf ntau (ms) seen }
STATE { n }
INITIAL {
  seen = 1 + ntau
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

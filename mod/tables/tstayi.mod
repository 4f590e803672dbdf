TITLE The same, read by INITIAL and by another TABLE
NEURON {
  SUFFIX tstayi
  USEION k READ ek WRITE ik
  RANGE g, seen, rate
}
PARAMETER {
  g = 0.002 (S/cm2)
  celsius (degC)
}
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) ninf ntau (ms) seen rate (/ms) }
STATE { n }
INITIAL { seen = ninf + 1
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
  near(u)
  rates(u)
}
PROCEDURE near(u (mV)) {
  TABLE ninf FROM -120 TO 80 WITH 50
  ninf = 0.1 + 0.8/(1 + exp(-(u + 30)/7))
}
PROCEDURE rates(u (mV)) {
  TABLE ntau, rate DEPEND celsius FROM -120 TO 80 WITH 50
  rate = ninf*2.3^((celsius - 23)/10)/(1 + exp((u + 40)/20))
  ntau = 2 + 1.5*rate
}

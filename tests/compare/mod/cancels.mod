: Differences of nearly equal terms: what is left of them is rounding, or far smaller than the terms.
NEURON { SUFFIX cancels RANGE a, b, d, s, r, l, inact, one NONSPECIFIC_CURRENT i }
PARAMETER { a = 0.3  b = 0.1  g = 1e-5 (S/cm2) }
ASSIGNED { v (mV)  i (mA/cm2)  d  s  r  l  inact  one }
STATE { m }
INITIAL {
    d = (a + b) - a - b
    m = 1 - 1/(1 + exp(-v/10)) - 1/(1 + exp(v/10))
}
BREAKPOINT {
    SOLVE states METHOD cnexp
    d = (v + a) - v - a
    s = (1 + 1e-3*v)*(1 - 1e-3*v) - 1 + 1e-6*v*v
    r = 1/(1 + exp((v + 40)*20))
    r = 1 - r - exp((v + 40)*20)*r
    l = log(v)
    one = sin(v)^2 + cos(v)^2
    inact = cosh(v/20)^2 - sinh(v/20)^2 - 1
    i = g*(v + 65) + 1e-9*a + s
}
DERIVATIVE states { m' = (one - 1 - m)/5 }

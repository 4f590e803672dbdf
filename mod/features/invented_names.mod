TITLE variables that are called as a translator could call what it makes

NEURON {
  SUFFIX invented_names
  NONSPECIFIC_CURRENT i
  RANGE q_first, q_within1, m_prime, k_turn47, k_last47, x, x_local, g, a, b, c, last
}

PARAMETER {
  g = 1e-4
  x = 0.3
  x_local = 0.7
  q_first = 2
  q_within1 = 5
  k_turn47 = 11
  k_last47 = 13
  last = 3
}

ASSIGNED { v i a b c m_prime minf }

STATE { m }

INITIAL {
  LOCAL q
  q = v/10
  a = q + q_first
}

INITIAL {
  LOCAL q
  q = v/20
  rates(v)
  m = minf
  m_prime = 0.5
  b = q*q_first + rates_exact(v)
}

BREAKPOINT {
  LOCAL q
  SOLVE states METHOD derivimplicit
  q = v/30
  c = 0
  if (v > -200) {
    LOCAL q
    q = 4
    FROM k = 0 TO last { c = c + k*k_turn47 - k_last47 + q*q_within1 }
  }
  c = c + q + q_within1 + inner(0.2)
  i = g*m*(v + 60) + 1e-6*(c + m_prime)
}

DERIVATIVE states {
  rates(v)
  m_prime = minf/3 + 0.1*m
  m' = (minf - m)/2 + 0.01*m_prime
}

PROCEDURE rates(v) {
  TABLE minf FROM -100 TO 100 WITH 200
  minf = rates_exact(v)/2
}

FUNCTION rates_exact(v) { rates_exact = 1/(1 + exp(-(v + 40)/9)) }

FUNCTION inner(x) { inner = x*x_local + outer() }

FUNCTION outer() { outer = 2*x }

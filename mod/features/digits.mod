: PARAMETERs and START values have the six digits that NEURON's translator writes.

NEURON { SUFFIX digits RANGE q, w GLOBAL s }
PARAMETER { q = 0.123456789 s = 12345.6789 }
ASSIGNED { v w }
STATE { n START 0.3333333333 m }
PARAMETER { m0 = 1234567.89 }
INITIAL { w = n + m }
BREAKPOINT { w = q*s }

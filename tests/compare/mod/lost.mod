: States that stop being numbers where another state reaches 0, while the rest of them goes on.
NEURON { SUFFIX lost USEION ca READ cai RANGE n, Pc, p1, p2, q NONSPECIFIC_CURRENT i }
PARAMETER { n = 1.7 }
ASSIGNED { v (mV)  i (mA/cm2)  cai (mM)  back }
STATE { Pc p1 p2 q }
INITIAL { Pc = 1  p1 = 0  p2 = 0  q = 0.5 }
BREAKPOINT {
    SOLVE scheme METHOD sparse
    i = 1e-4*p1*(v + 65)
}
KINETIC scheme {
    back = 0.02 + 0.01*(p1/Pc)^n
    ~ Pc <-> p1 (3*cai*1000, back)
    ~ p1 <-> p2 (0.1*exp(v/50), 0.3)
    ~ q << (0.2*(1 - q))
    CONSERVE Pc + p1 + p2 = 1
}

: Rates of 1e7 /ms beside rates of 1e-3: what the elimination leaves of the smaller states is rounding of the larger.
NEURON { SUFFIX stiff RANGE c1, c2, o, l1, l2 NONSPECIFIC_CURRENT i }
ASSIGNED { v (mV)  i (mA/cm2)  up (/ms)  down (/ms) }
STATE { c1 c2 o l1 l2 }
INITIAL { c1 = 1  c2 = 0  o = 0  l1 = 0  l2 = 0 }
BREAKPOINT {
    SOLVE scheme METHOD sparse
    i = 1e-4*o*(v + 65)
}
KINETIC scheme {
    up = 4000*exp((v + 9)/7.5)
    down = 4*exp(-(v + 9)/7.5)
    ~ c1 <-> c2 (3*up, down)
    ~ c2 <-> o (2*up, 2*down)
    ~ l1 <-> l2 (20*up, 0.1*up)
    ~ c2 <-> l1 (0.03, 9800)
    ~ o <-> l2 (0.4, 700)
    CONSERVE c1 + c2 + o + l1 + l2 = 1
}

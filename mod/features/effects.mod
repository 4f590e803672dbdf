: Calls that change a variable inside expressions: operands from left to right, && and || only as far as they decide.

NEURON {
    SUFFIX effects
    NONSPECIFIC_CURRENT i
    RANGE k, apart, before, after, both, either, turns, left
}

PARAMETER { level = -40 (mV) }

ASSIGNED { v (mV)  i (mA/cm2)  k apart before after both either turns left }

INITIAL {
    k = 0
    apart = bump()*2 - bump()
    k = 1
    before = k + 10*bump()
    after = 10*bump() + k
    both = 0
    k = 0
    IF (v > level && bump() > 0) { both = 1 }
    both = both + 10*k
    IF (v > level || bump() > 1 || bump() > 1) { either = 1 } ELSE { either = 2 }
    either = either + 10*k
    turns = 0
    WHILE (bump() < 6) { turns = turns + 1 }
    k = 0
    IF (bump() > 1) { left = 3 }
    left = k
}

BREAKPOINT { i = 1e-5*(v + 60) }

FUNCTION bump() {
    k = k + 1
    bump = k
}

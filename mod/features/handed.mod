: One PROCEDURE sets what another one reads, and the block that calls both names neither.

NEURON {
    SUFFIX handed
    NONSPECIFIC_CURRENT i
    RANGE y, z
}

ASSIGNED { v (mV)  i (mA/cm2)  y  z  once  twice }

INITIAL {
    set()
    again()
    use()
}

BREAKPOINT {
    both()
    i = 1e-5*z*(v + 60)
}

PROCEDURE both() {
    set()
    again()
    use()
}

PROCEDURE set() { once = 1/(1 + exp(-(v + 40)/10)) }

PROCEDURE again() { twice = 2*once }

PROCEDURE use() {
    y = once
    z = once + twice
}

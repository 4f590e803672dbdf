: A constant loss, in a KINETIC block that is not linear (falls) and in one that is (sinks)

NEURON {
    SUFFIX clipped
    RANGE loss, x, z
}

PARAMETER {
    loss = 100 (/ms)
}

STATE {
    x z a b
}

INITIAL {
    x = 1
    z = 1
    a = 0
    b = 0
}

BREAKPOINT {
    SOLVE falls METHOD sparse
    SOLVE sinks METHOD sparse
}

KINETIC falls {
    ~ x << (-loss)
    ~ x + a <-> b (0, 0)
}

KINETIC sinks {
    ~ z << (-loss)
}

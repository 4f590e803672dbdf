: Values that all instances share: every one sets them, and what the last one set is what the others find later.

NEURON {
    SUFFIX shared
    NONSPECIFIC_CURRENT i
    GLOBAL level
    RANGE g
}

UNITS { (mV) = (millivolt) }

PARAMETER {
    g = 0.001 (S/cm2)
    level = 0
    rest = 0
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
}

STATE { x }

INITIAL {
    rest = v/100
    x = rest
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    level = v + 3
    i = g*x*(v + 65)
}

DERIVATIVE states {
    x' = (rest + level/50 - x)/3
}

: A TABLE in a mechanism that is thread-safe

NEURON {
    THREADSAFE
    SUFFIX early
    RANGE k, y, side
    GLOBAL inf
}

PARAMETER {
    k = 1
}

ASSIGNED {
    inf
    y
    side
}

INITIAL {
    k = 2 * k
    side = -7
    rates(0.5)
    y = inf
}

PROCEDURE rates(x) {
    TABLE inf DEPEND k FROM -1 TO 1 WITH 2
    inf = k * x
    side = x
}

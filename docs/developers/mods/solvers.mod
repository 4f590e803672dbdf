: No currents: cnexp, sparse and a PROCEDURE by hand

NEURON {
    SUFFIX solvers
    RANGE count, runs, k, a, f
}

PARAMETER {
    k = 2 (/ms)
}

ASSIGNED {
    v (millivolt)
    count
    runs
}

STATE {
    a f g
}

INITIAL {
    count = 0
    runs = 0
    a = 1
    f = 1
    g = 0
    SOLVE pair STEADYSTATE sparse
}

BREAKPOINT {
    count = count + 1
    IF (k < 0) {
        SOLVE gates METHOD cnexp
    }
    SOLVE pair METHOD sparse
    SOLVE steps
}

DERIVATIVE gates {
    a' = k * (v / 100 - a)
}

KINETIC pair {
    ~ f <-> g (1e-9 * k, 0)
}

PROCEDURE steps() {
    runs = runs + 1
}

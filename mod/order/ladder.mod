TITLE No currents: BREAKPOINT runs where states run, and hands values on there

NEURON {
    SUFFIX ladder
    RANGE rung, below, mean
    GLOBAL count, sum
}

ASSIGNED {
    v (mV)
    rung
    below
    mean (mV)
    count
    sum (mV)
}

STATE { a b }

INITIAL {
    a = 0
    b = 1
}

BREAKPOINT {
    SOLVE scheme METHOD sparse
    below = rung
    count = count + 1
    rung = count
    sum = sum + v
    mean = sum/count
    if (count == 5) { : one of each five instances begins anew
        count = 0
        sum = 0
    }
}

KINETIC scheme {
    ~ a <-> b ((0.1 + 0.01*count), 0.05)
    CONSERVE a + b = 1
}

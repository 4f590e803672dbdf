: A TABLE that depends on celsius without saying so

NEURON {
    SUFFIX tabled
    RANGE y
    GLOBAL inf
}

ASSIGNED {
    v (millivolt)
    celsius (degC)
    inf
    y
}

BREAKPOINT {
    rates(v)
    y = inf
}

PROCEDURE rates(v (mV)) {
    TABLE inf FROM -100 TO 100 WITH 10
    inf = celsius + v * v
}

FUNCTION power10(x) {
    power10 = exp(x)
}

FUNCTION power(x, y) {
    power = x ^ y
}

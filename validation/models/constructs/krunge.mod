TITLE Two coupled gates by Runge and Kutta's method

NEURON {
    SUFFIX krunge
    NONSPECIFIC_CURRENT i
    RANGE g, a, b
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER { g = 0.001 (S/cm2) <0, 1e9> }

STATE { a b }

ASSIGNED {
    v (mV)
    i (mA/cm2)
}

INITIAL {
    a = 0
    b = 0.1
}

BREAKPOINT {
    SOLVE gates METHOD runge
    i = g*a*(v + 75)
}

DERIVATIVE gates {
    a' = 0.2*(b - a) + 0.02*a*(1 - a)*exp((v + 60)/40)
    b' = 0.05*(1/(1 + exp(-(v + 50)/7)) - b)
}

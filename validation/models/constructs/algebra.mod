TITLE A current from systems of equations: LINEAR and NONLINEAR

NEURON {
    SUFFIX algebra
    NONSPECIFIC_CURRENT i
    RANGE g, xa, xb, p, q
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER { g = 0.0005 (S/cm2) <0, 1e9> }

STATE { xa xb  p q }

ASSIGNED {
    v (mV)
    i (mA/cm2)
}

INITIAL {
    p = 0.5
    q = 0.5
    SOLVE balance
    SOLVE curve
}

BREAKPOINT {
    SOLVE balance
    SOLVE curve
    i = g*(xa + 0.2*p)*(v + 70)
}

LINEAR balance {
    ~ xa + 2*xb = 1 + squash(v)
    ~ 3*xa - xb = 0.5
}

NONLINEAR curve {
    ~ p*p + q = 1 + squash(v)
    ~ p - q*q = 0.1
}

FUNCTION squash(u (mV)) { squash = 1/(1 + exp(-(u + 50)/12)) }

TITLE Potassium channel whose curves are data: FUNCTION_TABLEs of one and two arguments, and a constant

NEURON {
    SUFFIX kdata
    USEION k READ ek WRITE ik
    RANGE gbar, n
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER { gbar = 0.02 (S/cm2) <0, 1e9> }

STATE { n }

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
}

INITIAL { n = steady(v) }

BREAKPOINT {
    SOLVE gate METHOD cnexp
    ik = gbar*n^3*(v - ek)
}

DERIVATIVE gate { n' = (steady(v) - n)/(factor(v)*lag(v, celsius)) }

FUNCTION_TABLE steady(v (mV))
FUNCTION_TABLE lag(v (mV), celsius (degC)) (ms)
FUNCTION_TABLE factor(v (mV))

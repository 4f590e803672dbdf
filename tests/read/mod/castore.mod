TITLE Calcium pool that writes cai

NEURON {
    SUFFIX castore
    USEION ca READ ica WRITE cai
    RANGE tau
}
UNITS {
    (mM) = (milli/liter)
    (mA) = (milliamp)
}
PARAMETER { tau = 80 (ms) }
ASSIGNED { ica (mA/cm2) }
STATE { cai (mM) }
BREAKPOINT { SOLVE decay METHOD cnexp }
DERIVATIVE decay { cai' = (1e-4 (mM) - cai)/tau }

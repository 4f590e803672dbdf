TITLE Calcium in a shell below the membrane

NEURON {
    SUFFIX shell
    USEION ca READ ica, cai WRITE cai
    RANGE gamma, decay, depth, least
}

UNITS {
    (mM) = (milli/liter)
    (mA) = (milliamp)
    (um) = (micron)
    FARADAY = (faraday) (coulomb)
}

PARAMETER {
    gamma = 0.05
    decay = 80 (ms)
    depth = 0.1 (um)
    least = 1e-4 (mM)
}

STATE { cai (mM) }

ASSIGNED { ica (mA/cm2) }

BREAKPOINT {
    SOLVE inflow METHOD cnexp
}

DERIVATIVE inflow {
    cai' = -10000*gamma*ica/(2*FARADAY*depth) - (cai - least)/decay
}

: KINETIC: two of a kind, one way, a flux, an array, compartments.

NEURON {
    SUFFIX reactions
    USEION ca READ cao, ica WRITE cai
    RANGE flux, bound, sumA
}

UNITS { (mV) = (millivolt) }

PARAMETER {
    kf = 0.3   kb = 0.05   ka = 2
}

ASSIGNED {
    v (mV)
    cao (mM)
    ica (mA/cm2)
    cai (mM)
    diam (um)
    flux bound sumA rate
}

STATE {
    A B C D[3]
}

INITIAL {
    rate = exp(v/40)
    A = 1   B = 0.1   C = 0
    FROM k = 0 TO 2 { D[k] = 0.1*(k + 1) }
    flux = 0
    cai = 1e-4
}

BREAKPOINT {
    SOLVE network METHOD sparse
    sumA = A + 2*B
}

KINETIC network {
    COMPARTMENT k, diam*(k + 1) { D }
    COMPARTMENT 2 { C }
    rate = exp(v/40)
    ~ 2 A <-> B    (kf*rate, kb)
    ~ B + C <-> D[0]    (ka, 1)
    flux = f_flux - b_flux
    FROM k = 0 TO 1 {
        ~ D[k] <-> D[k+1]    (0.2*diam, 0.1)
    }
    ~ D[2] -> (0.01)
    ~ C << (0.02*cao + 100*ica)
    bound = D[0] + D[1]
    cai = 1e-4 + 1e-5*D[0]
}

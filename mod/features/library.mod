: Functions of NEURON's library: the flux of Goldman, Hodgkin and Katz, and SCoP's curves.

NEURON {
    SUFFIX library
    USEION ca READ cai, cao WRITE ica
    NONSPECIFIC_CURRENT i
    RANGE p, near, f, g
    EXTERNAL celsius
}

UNITS { (mV) = (millivolt) (mA) = (milliamp) }

PARAMETER { p = 1e-4 (cm/s) }

ASSIGNED { v (mV) cai (mM) cao (mM) ica (mA/cm2) i (mA/cm2) near f g }

STATE { m }

INITIAL { m = sigmoid(v + 100, 1, 60, 3) }

BREAKPOINT {
    SOLVE states METHOD cnexp
    ica = p*m*nrn_ghk(v, cai, cao, 2)
    near = nrn_ghk(1e-6*v, cai, cao, 1) + celsius
    f = hyperbol(v + 150, 2, 30) + revhyperbol(v + 150, 2, 30) + revsigmoid(v + 150, 2, 90, 2)
    g = gauss(v, -40, 15) + harmonic(v, 90, 2, 3)
    i = 1e-6*(f + g)*(v + 60)
}

DERIVATIVE states { m' = (sigmoid(v + 100, 1, 60, 3) - m)/5 }

: Two states that diffuse: the first is listed in two LONGITUDINAL_DIFFUSION and in two COMPARTMENT

NEURON {
    SUFFIX diffuser
    RANGE D, x, z, x0, z0
}

PARAMETER {
    D = 40 (um2/ms)
    x0 = 0
    z0 = 0
}

STATE {
    x z
}

INITIAL {
    x = x0
    z = z0
}

BREAKPOINT {
    SOLVE states METHOD sparse
}

KINETIC states {
    COMPARTMENT 3 { x z }
    COMPARTMENT 6 { x }
    LONGITUDINAL_DIFFUSION D { x z }
    LONGITUDINAL_DIFFUSION D { x }
    ~ x << (1.2)
    ~ z << (1.2)
}

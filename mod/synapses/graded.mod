TITLE Receptor that opens with the voltage of another compartment

COMMENT
Abbott and Marder, Modeling small networks, in Methods in Neuronal Modeling (1998):
s' = (sinf - s)/tau, sinf = 1/(1 + exp((vth - vpre)/delta)), tau = (1 - sinf)/kminus.
ENDCOMMENT

NEURON {
    POINT_PROCESS Graded
    POINTER vpre
    NONSPECIFIC_CURRENT i
    RANGE gmax, e, kminus, vth, delta, i
}

UNITS {
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}

PARAMETER {
    gmax = 1e-4 (uS)
    e = 0 (mV)
    kminus = 0.025 (/ms)
    vth = -35 (mV)
    delta = 10 (mV)
}

ASSIGNED {
    v (mV)
    vpre (mV)
    i (nA)
}

STATE { s }

INITIAL { s = 0.2 }

BREAKPOINT {
    SOLVE release METHOD cnexp
    i = gmax*s*(v - e)
}

DERIVATIVE release {
    LOCAL sinf, tau
    sinf = 1/(1 + exp((vth - vpre)/delta))
    tau = (1 - sinf)/kminus
    s' = (sinf - s)/tau
}

TITLE Regulator that turns another mechanism's conductance up or down, by a pointer it writes to

NEURON {
    SUFFIX regulate
    POINTER conductance
    RANGE target, mean, rate
}

UNITS {
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    target = -68 (mV)
    rate = 1e-6 (S/cm2/mV/ms)
    tau = 20 (ms)
}

STATE { mean (mV) }

ASSIGNED {
    v (mV)
    dt (ms)
    conductance (S/cm2)
}

INITIAL { mean = v }

BREAKPOINT { SOLVE adjust }

PROCEDURE adjust() {
    mean = mean + dt*(v - mean)/tau
    conductance = conductance + dt*rate*(mean - target)
    if (conductance < 0) { conductance = 0 }
}

: KINETIC: a conserved sum and a start from the steady state.

NEURON {
    SUFFIX switch_
    NONSPECIFIC_CURRENT i
    RANGE shown
}

UNITS { (mV) = (millivolt) }

PARAMETER { kf = 0.3   kb = 0.05   total = 1 }

ASSIGNED { v (mV)  i (mA/cm2)  shown }

STATE { E0 E1 E2 }

INITIAL { SOLVE flip STEADYSTATE sparse }

BREAKPOINT {
    SOLVE flip METHOD sparse
    i = 1e-5*E1*(v + 70)
}

KINETIC flip {
    ~ E0 <-> E1    (kf*exp(v/40), kb)
    ~ E1 <-> E2    (kb, kf)
    shown = E2 + f_flux
    CONSERVE E0 + E1 + E2 = total
}

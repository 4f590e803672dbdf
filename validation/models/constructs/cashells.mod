TITLE Calcium in shells that also diffuses along the cable, a buffer, a pump; and a messenger of its own ion

NEURON {
    SUFFIX cashells
    USEION ca READ cai, ica WRITE cai
    USEION msg READ msgi WRITE msgi VALENCE 1
    RANGE total, pumped
}

DEFINE SHELLS 3

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (molar) = (1/liter)
    (mM) = (millimolar)
    (um) = (micron)
    FARADAY = (faraday) (10000 coulomb)
    PI = (pi) (1)
}

PARAMETER {
    dca = 0.6 (um2/ms)
    dmsg = 0.3 (um2/ms)
    kon = 500 (/mM-ms)
    koff = 0.5 (/ms)
    buffer = 0.02 (mM)
    vmax = 2e-3 (mM/ms)
}

ASSIGNED {
    diam (um)
    ica (mA/cm2)
    cai (mM)
    msgi (mM)
    area1[SHELLS] (um2)
    total (mM)
    pumped (mM/ms)
}

STATE {
    ca[SHELLS] (mM) <1e-8>
    free[SHELLS] (mM)
    bound[SHELLS] (mM)
    msg (mM) <1e-6>
}

INITIAL {
    FROM k = 0 TO SHELLS-1 {
        area1[k] = PI*diam*diam/4*(2*(SHELLS - k) - 1)/(SHELLS*SHELLS)
        ca[k] = cai
        free[k] = buffer/(1 + kon*cai/koff)
        bound[k] = buffer - free[k]
    }
    msg = msgi
}

BREAKPOINT { SOLVE shells METHOD sparse }

KINETIC shells {
    COMPARTMENT k, area1[k] { ca free bound }
    COMPARTMENT PI*diam*diam/4 { msg }
    LONGITUDINAL_DIFFUSION k, dca*area1[k] { ca }
    LONGITUDINAL_DIFFUSION dmsg*PI*diam*diam/4 { msg }
    FROM k = 0 TO SHELLS-2 {
        ~ ca[k] <-> ca[k+1] (dca*PI*2*(SHELLS - k - 1), dca*PI*2*(SHELLS - k - 1))
    }
    FROM k = 0 TO SHELLS-1 {
        ~ ca[k] + free[k] <-> bound[k] (kon*area1[k], koff*area1[k])
    }
    ~ ca[0] << (-ica*PI*diam/(2*FARADAY))
    pumped = vmax*ca[0]/(ca[0] + 0.001 (mM))
    ~ ca[0] << (-pumped*area1[0])
    ~ msg << (0.01*(ca[0] - 5e-5)*area1[0])
    ~ msg -> (0.002*PI*diam*diam/4)
    cai = ca[0]
    msgi = msg
    total = ca[0] + bound[0]
}

TITLE Calcium channel, the calcium it lets in, and the potassium channel that this opens

COMMENT
Three parts of one after-hyperpolarisation: a high-threshold calcium current, a shell of calcium
below the membrane, and a potassium current that is gated by the calcium of the shell.
ENDCOMMENT

NEURON {
    SUFFIX cakc
    USEION ca READ cai, cao WRITE ica, cai
    USEION k READ ek WRITE ik
    RANGE pcabar, gkcbar, gkc, depth, tau, rest, kd
    GLOBAL vhalf, slope
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (mM) = (milli/liter)
    (um) = (micron)
    (S) = (siemens)
    FARADAY = (faraday) (coulomb)
    R = (k-mole) (joule/degC)
}

PARAMETER {
    pcabar = 0.00006 (cm/s) <0, 1e9>
    gkcbar = 0.002 (S/cm2) <0, 1e9>
    depth = 0.2 (um) <1e-6, 1e6>
    tau = 40 (ms) <1e-6, 1e9>
    rest = 0.00005 (mM)
    kd = 0.0006 (mM)
    vhalf = -22 (mV)
    slope = 7 (mV)
}

STATE {
    cai (mM)
    u
    w
}

ASSIGNED {
    v (mV)
    celsius (degC)
    cao (mM)
    ek (mV)
    ica (mA/cm2)
    ik (mA/cm2)
    gkc (S/cm2)
    uinf
    utau (ms)
    winf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    ica = pcabar*u*u*flux(v, cai, cao)
    gkc = gkcbar*w
    ik = gkc*(v - ek)
}

INITIAL {
    cai = rest
    gate(v, cai)
    u = uinf
    w = winf
}

DERIVATIVE states {
    gate(v, cai)
    u' = (uinf - u)/utau
    w' = (winf - w)/3
    cai' = -(1e4)*ica/(2*FARADAY*depth) + (rest - cai)/tau
}

PROCEDURE gate(v (mV), c (mM)) {
    winf = bound(c)
    uinf = 1/(1 + exp(-(v - vhalf)/slope))
    if (v < -60) {
        utau = 0.8
    } else {
        utau = 0.8 + 1.6*exp(-((v + 25)/20)^2)
    }
}

FUNCTION bound(c (mM)) {
    LOCAL q
    q = (c/kd)^2
    bound = q/(1 + q)
}

FUNCTION flux(v (mV), inside (mM), outside (mM)) (millicoul/cm3) {
    LOCAL x
    x = 2*v*FARADAY*0.001/(R*(celsius + 273.15))
    flux = 0.001*2*FARADAY*(inside*ratio(-x) - outside*ratio(x))
}

FUNCTION ratio(x) {
    if (fabs(x) < 1e-5) {
        ratio = 1 - x/2
    } else {
        ratio = x/(exp(x) - 1)
    }
}

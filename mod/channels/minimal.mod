TITLE Channels of cortical and thalamic neurons (Pospischil et al. 2008), all in one

NEURON {
    SUFFIX minimal
    USEION na WRITE ina
    USEION k WRITE ik
    USEION ca WRITE ica
    NONSPECIFIC_CURRENT il
    RANGE gNa, gK, gKm, gCaL, gCaT, gLeak, vt, vx, taumax
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gNa = 0.05 (S/cm2)
    gK = 0.005 (S/cm2)
    gKm = 4e-6 (S/cm2)
    gCaL = 1e-4 (S/cm2)
    gCaT = 4e-5 (S/cm2)
    gLeak = 1e-4 (S/cm2)
    eNa = 50 (mV)
    eK = -90 (mV)
    eCa = 120 (mV)
    eLeak = -70 (mV)
    vt = -60 (mV)
    vx = 2 (mV)
    taumax = 4000 (ms)
}

STATE { m h n p q r u }

ASSIGNED {
    v (mV)
    ina (mA/cm2)
    ik (mA/cm2)
    ica (mA/cm2)
    il (mA/cm2)
}

INITIAL {
    m = 0.2
    h = 0.2
    n = 0.2
    p = 0.2
    q = 0.2
    r = 0.2
    u = 0.2
}

BREAKPOINT {
    LOCAL s
    SOLVE gates METHOD cnexp
    s = 1/(1 + exp(-(v + vx + 57)/6.2))
    ina = gNa*m*m*m*h*(v - eNa)
    ik = (gK*n*n*n*n + gKm*p)*(v - eK)
    ica = (gCaL*q*q*r + gCaT*s*s*u)*(v - eCa)
    il = gLeak*(v - eLeak)
}

DERIVATIVE gates {
    m' = 0.32*trap(-(v - vt - 13), 4)*(1 - m) - 0.28*trap(v - vt - 40, 5)*m
    h' = 0.128*exp(-(v - vt - 17)/18)*(1 - h) - 4/(exp(-(v - vt - 40)/5) + 1)*h
    n' = 0.032*trap(-(v - vt - 15), 5)*(1 - n) - 0.5*exp(-(v - vt - 10)/40)*n
    p' = (1/(1 + exp(-(v + 35)/10)) - p)*(3.3*exp((v + 35)/20) + exp(-(v + 35)/20))/taumax
    q' = 0.055*trap(-27 - v, 3.8)*(1 - q) - 0.94*exp((-75 - v)/17)*q
    r' = 0.000457*exp((-13 - v)/50)*(1 - r) - 0.0065/(exp((-15 - v)/28) + 1)*r
    u' = (1/(1 + exp((v + vx + 81)/4)) - u)*3.7*(1 + exp((v + vx + 84)/3.2))/(242.2 + exp((v + vx + 113.2)/5))
}

FUNCTION trap(x (mV), y (mV)) (mV) {
    if (fabs(x/y) < 1e-6) {
        trap = y*(1 - x/y/2)
    } else {
        trap = x/(exp(x/y) - 1)
    }
}

TITLE Fast sodium, delayed potassium and leak

COMMENT
A spiking membrane with rates of the Hodgkin-Huxley form, tabulated over voltage.
Rates are given at 22 degC and scaled by q10.
ENDCOMMENT

NEURON {
    SUFFIX nakl
    USEION na READ ena WRITE ina
    USEION k READ ek WRITE ik
    NONSPECIFIC_CURRENT il
    RANGE gnabar, gkbar, gl, el, gna, gk
    GLOBAL minf, hinf, ninf, mtau, htau, ntau, q10
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gnabar = 0.08 (S/cm2) <0, 1e9>
    gkbar = 0.02 (S/cm2) <0, 1e9>
    gl = 0.0001 (S/cm2) <0, 1e9>
    el = -68 (mV)
    q10 = 2.5
}

STATE { m h n }

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ek (mV)
    ina (mA/cm2)
    ik (mA/cm2)
    il (mA/cm2)
    gna (S/cm2)
    gk (S/cm2)
    minf hinf ninf
    mtau (ms) htau (ms) ntau (ms)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    gna = gnabar*m^3*h
    gk = gkbar*n^4
    ina = gna*(v - ena)
    ik = gk*(v - ek)
    il = gl*(v - el)
}

INITIAL {
    rates(v)
    m = minf
    h = hinf
    n = ninf
}

DERIVATIVE states {
    rates(v)
    m' = (minf - m)/mtau
    h' = (hinf - h)/htau
    n' = (ninf - n)/ntau
}

PROCEDURE rates(v (mV)) {
    LOCAL a, b, q
    TABLE minf, mtau, hinf, htau, ninf, ntau DEPEND celsius, q10 FROM -120 TO 80 WITH 400

    q = q10^((celsius - 22)/10)

    a = 0.35*vtrap(-(v + 42), 7)
    b = 12*exp(-(v + 67)/18)
    mtau = 1/(q*(a + b))
    minf = a/(a + b)

    a = 0.14*exp(-(v + 60)/20)
    b = 2/(1 + exp(-(v + 34)/9))
    htau = 1/(q*(a + b))
    hinf = a/(a + b)

    a = 0.03*vtrap(-(v + 38), 9)
    b = 0.3*exp(-(v + 52)/50)
    ntau = 1/(q*(a + b))
    ninf = a/(a + b)
}

FUNCTION vtrap(x (mV), y (mV)) (mV) {
    if (fabs(x/y) < 1e-6) {
        vtrap = y*(1 - x/y/2)
    } else {
        vtrap = x/(exp(x/y) - 1)
    }
}

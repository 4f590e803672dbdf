TITLE Sodium channel from tables: of a procedure that depends on globals, of a function, of an array

NEURON {
    SUFFIX natable
    USEION na READ ena WRITE ina
    RANGE gbar, m, h
    GLOBAL shift, stretch
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S) = (siemens)
}

PARAMETER {
    gbar = 0.12 (S/cm2) <0, 1e9>
    shift = 1.5 (mV)
    stretch = 1
}

STATE { m h }

ASSIGNED {
    v (mV)
    celsius (degC)
    ena (mV)
    ina (mA/cm2)
    minf
    mtau (ms)
    inactivation[2]
}

INITIAL {
    activate(v)
    inactivate(v)
    m = minf
    h = inactivation[0]
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    ina = gbar*m^3*h*(v - ena)
}

DERIVATIVE gates {
    activate(v)
    inactivate(v)
    m' = (minf - m)/mtau
    h' = (inactivation[0] - h)/(inactivation[1]*(1 + 0.05*fast(v)))
}

PROCEDURE activate(v (mV)) { LOCAL a, b, q
    TABLE minf, mtau DEPEND celsius, shift, stretch FROM -110 TO 70 WITH 180
    q = 3^((celsius - 6.3)/10)
    a = 0.1*trap(-(v + 40 - shift), 10*stretch)
    b = 4*exp(-(v - shift + 65)/18)
    mtau = 1/(q*(a + b))
    minf = a/(a + b)
}

PROCEDURE inactivate(v (mV)) { LOCAL a, b
    TABLE inactivation DEPEND celsius FROM -110 TO 70 WITH 90
    a = 0.07*exp(-(v + 65)/20)
    b = 1/(exp(-(v + 35)/10) + 1)
    inactivation[0] = a/(a + b)
    inactivation[1] = 3^((6.3 - celsius)/10)/(a + b)
}

FUNCTION fast(v (mV)) {
    TABLE FROM -120 TO 80 WITH 200
    fast = exp(-(v + 65)/18)
}

FUNCTION trap(x (mV), y (mV)) (mV) {
    if (fabs(x/y) < 1e-6) {
        trap = y*(1 - x/y/2)
    } else {
        trap = x/(exp(x/y) - 1)
    }
}

TITLE What the first instance sets for all, and nothing else depends on: all instances at once

NEURON {
    SUFFIX once
    NONSPECIFIC_CURRENT i
    RANGE g, half, start, kept
    GLOBAL q10, left
}

PARAMETER { g = 1e-5 (S/cm2) }

ASSIGNED {
    v (mV)
    i (mA/cm2)
    celsius (degC)
    q10
    left
    half
    start
    kept
    ninf
    ntau
    spare
}

LOCAL before, done, factor, dead

STATE { n }

INITIAL {
    if (done == 0) {
        done = 1
        factor = celsius/10
    }
    start = factor
    rates()
    n = ninf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    if (before*1 != celsius) { before = celsius   q10 = 3^((celsius - 6.3)/10) }
    if (celsius > 100) { left = 1 } else { half = q10/2 }
    kept = left
    i = g*n*q10*(v + 50)
}

DERIVATIVE states {
    rates()
    n' = (ninf - n)/ntau
}

PROCEDURE rates() {
    ninf = 1/(1 + exp(-(v + 40)/9))
    spare = 1 - exp(-dt/(1 + dead))
    dead = v + spare
    ntau = 3 + ninf*factor
}

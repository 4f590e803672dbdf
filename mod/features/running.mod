: Indices that are known only while the model runs: a RANGE value, a counter, an argument, whole-number arithmetic.

NEURON {
    SUFFIX running
    NONSPECIFIC_CURRENT i
    RANGE n, q, got, picked, held
}

PARAMETER { n = 2.4 }

ASSIGNED {
    v (mV)
    i (mA/cm2)
    q[4]
    r[5]
    got
    picked
    held
    count
}

STATE { m }

INITIAL {
    m = 0
    count = -0.7
    FROM k = 0 TO 3 { q[k] = 10*k + v/100 }
    got = q[n]
    FROM k = 0 TO n { q[k] = q[k] + n }
    FROM k = 1 TO 4 { r[k] = pick(k - 1) }
}

BREAKPOINT { LOCAL w[3]
    SOLVE states METHOD cnexp
    q[count] = v + count
    q[(n + 1)/2] = q[4 - n] + 0.5
    w[0] = v
    w[1] = 2
    w[2] = 3
    w[n/2] = w[n - n/2 - 1] + 1
    picked = w[0] + 10*w[1] + 100*w[2]
    FROM k = 0 TO 1 { picked = picked + q[n - k] + q[k + n/2]*k }
    if (v > -50) { r[n] = 2 }
    held = r[2] + 10*r[3]
    got = q[count]
    i = 1e-6*q[n]*v + 1e-6*m
}

DERIVATIVE states {
    count = count + 0.6*(1 + (v > -30))
    if (count > 3.9) { count = -0.7 }
    m' = (r[count + 1] - m)/3
}

FUNCTION pick(k) { pick = q[k] }

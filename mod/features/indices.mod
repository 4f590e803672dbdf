: Indices and bounds in whole numbers; an index lives in its loop and hides what is called like it.

NEURON {
    SUFFIX indices
    NONSPECIFIC_CURRENT i
    RANGE sum, after, outer
}

DEFINE N 4

ASSIGNED { v (mV)  i (mA/cm2)  sum after outer  r[9]  k }

STATE { x[N] }

INITIAL {
    FROM j = 0 TO (N - 1)*2 { r[j] = j*j }
    FROM j = 0 TO N - 1 { x[j] = v/100 + j }
    k = 11
    loops()
}

BREAKPOINT {
    SOLVE shift
    loops()
    i = 1e-7*sum*v
}

PROCEDURE loops() { LOCAL m, z[N]
    m = 7
    sum = 0
    FROM j = 0 TO 2*(N - 1) { sum = sum + r[j/2]*(j + 1) + r[2*(j - j/2)/3] }
    FROM m = 0 TO 7/2 {
        z[m] = m
        sum = sum + r[(m + 1)*2] + r[m - (m - 1)] + r[(7 - m)/2]
    }
    FROM k = 1 TO 3 { sum = sum + k }
    FROM j = 0 TO 3 {
        FROM j = 0 TO 1 { sum = sum + z[j] }
        outer = j
    }
    after = m + k
}

PROCEDURE shift() { LOCAL old[N]
    FROM k = 0 TO N - 1 { old[k] = x[k] }
    FROM k = 1 TO N - 1 { x[k] = old[k] + dt*(old[k - 1] - old[k]) }
}

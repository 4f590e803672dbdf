: FROM loops, arrays, loops that are left early, values at file scope and GLOBAL that INITIAL sets.

NEURON {
    SUFFIX loops
    NONSPECIFIC_CURRENT i
    RANGE level, w, found, total, running, rows
    GLOBAL scale, weight
}

DEFINE N 4

PARAMETER {
    level[N]
    factor = 1.5
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
    celsius (degC)
    w[N]
    weight[N]
    found total scale running rows
}

LOCAL q, last, table[N]

CONSTANT { two = 2 }

UNITS {
    F = (faraday) (10000 coulomb)
    (mV) = (millivolt)
}

INITIAL {
    scale = factor*two^((celsius - 20)/10)
    FROM k = 0 TO N-1 { weight[k] = scale/(k + 1)   table[k] = k*k/2 }
    FROM k = 0 TO N-1 { w[k] = weight[k]*v }
    search(v)
    nested(v)
}

BREAKPOINT {
    if (last*1 != celsius) { last = celsius   q = 3^((celsius - 6.3)/10) }
    search(v)
    nested(v)
    total = 0
    FROM k = 0 TO N-2 {
        FROM m = 0 TO 1 { total = total + w[k+m]*table[k+1]*q }
    }
    i = 1e-6*(total + F) + 1e-5*v*found
}

PROCEDURE search(u) { LOCAL s
    s = -100
    FROM k = 0 TO N-1 {
        s = s + level[k]*3000
        found = k
        if (u < s) {
            found = found + 10
            VERBATIM
            break;
            ENDVERBATIM
        }
        w[k] = w[k] + s/100
    }
}

PROCEDURE nested(u) {
    running = 0
    rows = 0
    FROM k = 0 TO N-1 {
        FROM m = 0 TO 3 {
            running = running + 1
            if (40*m > u + 90 + level[k]) {
                VERBATIM
                break;
                ENDVERBATIM
            }
            rows = rows + 0.01
        }
        if (running > 9) {
            VERBATIM
            break;
            ENDVERBATIM
        }
        rows = rows + 1 + level[k]
    }
}

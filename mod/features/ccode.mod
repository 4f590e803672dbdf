: VERBATIM that says something simple: nothing, early returns, an ion's own value, declarations, messages, arithmetic.

VERBATIM
#ifndef NRN_VERSION_GTEQ_8_2_0
#include <math.h>
extern double hoc_epsilon;
#endif
ENDVERBATIM

NEURON {
    SUFFIX ccode
    USEION ca READ cai, ica WRITE cai
    NONSPECIFIC_CURRENT i
    RANGE a, b, c, start, f, d, e
}

PARAMETER { depth = 0.1 (um)   limit = -30 (mV) }

ASSIGNED { v (mV)  i (mA/cm2)  ica (mA/cm2)  a b c start f d e }

STATE { cai (mM) }

INITIAL {
    VERBATIM
    cai = _ion_cai;
    start = _ion_cai;
    ENDVERBATIM
    sides(v)
    f = cut(v, 2)
    c = 1
    if (v < -60) {
        c = 2
        VERBATIM
        return;
        ENDVERBATIM
    }
    c = c + 3
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    f = cut(v, 3)
    sides(v)
    further(v, f)
    i = 1e-5*(a + b + f)
    VERBATIM
    /* nothing */
    ENDVERBATIM
}

DERIVATIVE states {
    cai' = -ica/depth*0.05 + (1e-4 - cai)/80
    VERBATIM
    return 0;
    ENDVERBATIM
}

PROCEDURE sides(u) {
    a = 1
    b = 0
    if (u > limit) {
        if (u > 20) {
            a = 7
            VERBATIM
            return 0;
            ENDVERBATIM
        } else {
            a = 5
        }
        b = u
        VERBATIM
        return 0;
        ENDVERBATIM
    }
    b = 2*u
    if (u < -100) {
        b = 3*u
        VERBATIM
        return 0;
        ENDVERBATIM
    }
    a = a + b
}

PROCEDURE further(u, w) { LOCAL q
    q = 2
    VERBATIM
    {
        extern int cvode_active_;
        double up = _lu/3, low;
        if (cvode_active_) { hoc_execerror("further", "at fixed steps only"); }
        low = fabs(up) + pow(_lq, 3)/2;
        d = 1;
        d += low; d /= 1.5; ++d;
        if (!(up > 0.) && u0(_threadargscomma_ up, 1) == 1 < 2) { /* a test is 0 or 1 */
            e = low - up;
            printf("");
            return 0;
        }
        sides(_threadargscomma_ _lw);
        e = 3/2. + (double) 3/2 - exp(-low);
    }
    ENDVERBATIM
    e = e + d
}

FUNCTION u0(x, y) { u0 = y + x*0 }

FUNCTION cut(u, n) { LOCAL w
    w = u/n
    if (u > 30) {
        VERBATIM
        return -1.5;
        ENDVERBATIM
    }
    if (u < limit) {
        VERBATIM
        return _lw;
        ENDVERBATIM
    }
    if (u < -20) {
        VERBATIM
        return depth;
        ENDVERBATIM
    }
    cut = w + 1
}

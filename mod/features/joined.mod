: Two INITIAL and two BREAKPOINT blocks, which act one after the other, each with LOCALs of its own.

VERBATIM
#include <stdlib.h> /* a comment
   that goes on */
#if 0
static double unused() { return 1; }
#endif
ENDVERBATIM

NEURON { SUFFIX joined NONSPECIFIC_CURRENT i RANGE a, b }

UNITS { (mV) = (millivolt) R = 8.3 (joule/degK) E = (1|2 e) (femtocoulomb) }

ASSIGNED { v (mV) i (mA/cm2) a b }

STATE { m n }

INITIAL { LOCAL q
    q = 1/(1 + exp(-(v + 40)/9))
    m = q
}

BREAKPOINT { LOCAL q
    SOLVE states METHOD cnexp
    q = 2
    a = q*m
    VERBATIM
    #include <math.h> // of no effect
    ENDVERBATIM
}

INITIAL { LOCAL q
    q = m/3
    n = q + E
}

DERIVATIVE states { m' = (0.3 - m)/5  n' = -n/R }

BREAKPOINT { LOCAL q
    q = n
    b = a*q
    i = 1e-5*b*(v + 60)
}

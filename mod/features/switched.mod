: C code that knows the index of the loop around it, in the way of the channels of Borg-Graham and Lytton.

NEURON {
    SUFFIX switched
    NONSPECIFIC_CURRENT i
    RANGE Tau, least
}

PARAMETER { least = 0.7 (ms) }

ASSIGNED { v (mV)  i (mA/cm2)  Tau[2]  Inf[2] }

STATE { m h }

INITIAL {
    mh(v)
    m = Inf[0]
    h = Inf[1]
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = 1e-5*m*h*(v + 60)
}

DERIVATIVE states {
    mh(v)
    m' = (Inf[0] - m)/Tau[0]
    h' = (Inf[1] - h)/Tau[1]
}

PROCEDURE mh(v) { LOCAL a, b, j
    j = 5
    FROM j = 0 TO 1 {
        a = exp((v + 40)/(20 - 40*j))
        b = exp(-(v + 40)/(30 - 60*j))
        Inf[j] = a/(a + b)
        VERBATIM
        switch (_lj) {
            case 0:
                if ((Tau[_lj] = 1 / (_la + _lb)) < least) {
                    Tau[_lj] = least;
                }
                break;
            case 1:
                Tau[_lj] = 2. / (_la + _lb);
                if (_la > _lb) { Tau[_lj] += 0.5; }
                break;
        }
        ENDVERBATIM
    }
    Tau[0] = Tau[0] + 0*j
}

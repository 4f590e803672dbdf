TITLE Every function of C that NMODL has, at two numbers

NEURON {
    SUFFIX curves
    RANGE x, y, of
}

PARAMETER { x = 0  y = 0 }

ASSIGNED { of[23] }

INITIAL {
    of[0] = exp(x)
    of[1] = log(x)
    of[2] = log10(x)
    of[3] = sqrt(x)
    of[4] = sin(x)
    of[5] = cos(x)
    of[6] = tan(x)
    of[7] = asin(x)
    of[8] = acos(x)
    of[9] = atan(x)
    of[10] = sinh(x)
    of[11] = cosh(x)
    of[12] = tanh(x)
    of[13] = fabs(x)
    of[14] = floor(x)
    of[15] = ceil(x)
    of[16] = erf(x)
    of[17] = atan2(x, y)
    of[18] = fmod(x, y)
    of[19] = x^y
    of[20] = fmin(x, y)
    of[21] = fmax(x, y)
    of[22] = x/y
}

VERBATIM
ENDVERBATIM

: A channel whose noise is drawn in C code: from a hoc Random, from a stream of its own, or from nothing.

NEURON {
    SUFFIX pointed
    THREADSAFE
    NONSPECIFIC_CURRENT i
    RANGE first, count, kept
    BBCOREPOINTER rng
}

ASSIGNED { v (mV)  i (mA/cm2)  first  count  kept  rng  usingR123  hidden }

VERBATIM
#ifndef NRN_VERSION_GTEQ_8_2_0
#include "nrnran123.h"
double nrn_random_pick(void* r);
void* nrn_random_arg(int argpos);
#define RANDCAST
#else
#define RANDCAST (Rand*)
#endif
ENDVERBATIM

INITIAL {
    VERBATIM
    if (usingR123) {
        nrnran123_setseq((nrnran123_State*)_p_rng, 0, 0);
    }
    ENDVERBATIM
    first = urand()
    hidden = urand()
    count = 0
}

BREAKPOINT {
    kept = hidden
    i = 1e-4*(v + 60) + 1e-3*urand()
}

BEFORE STEP { IF (urand() < 0.5) { count = count + twice(0.5) } }

FUNCTION twice(x) {
    VERBATIM
    double sum = 0.0;
    int k;
    for (k = 0; k < 2; k++) {
        if (urand(_threadargs_) < _lx) sum += 1.0;
    }
    return sum;
    ENDVERBATIM
}

FUNCTION urand() {
    VERBATIM
    double value;
    if (usingR123) {
        value = nrnran123_dblpick((nrnran123_State*)_p_rng);
    } else if (_p_rng) {
        #ifndef CORENEURON_BUILD
        value = nrn_random_pick(RANDCAST _p_rng);
        #endif
    } else {
        value = 0.25;
    }
    _lurand = value;
    ENDVERBATIM
}

PROCEDURE setRNG() {
    VERBATIM
    #ifndef CORENEURON_BUILD
    usingR123 = 0;
    if (ifarg(1) && hoc_is_double_arg(1)) {
        nrnran123_State** pv = (nrnran123_State**)(&_p_rng);
        if (*pv) {
            nrnran123_deletestream(*pv);
            *pv = (nrnran123_State*)0;
        }
        *pv = nrnran123_newstream3((uint32_t)*getarg(1), (uint32_t)*getarg(2), (uint32_t)*getarg(3));
        usingR123 = 1;
    } else if (ifarg(1)) {
        void** pv = (void**)(&_p_rng);
        *pv = nrn_random_arg(1);
    } else {
        void** pv = (void**)(&_p_rng);
        *pv = (void*)0;
    }
    #endif
    ENDVERBATIM
}

VERBATIM
static void bbcore_write(double* x, int* d, int* xx, int* offset, _threadargsproto_) {
    if (d) { *offset += 0; }
}
static void bbcore_read(double* x, int* d, int* xx, int* offset, _threadargsproto_) {
    if (d) { *offset += 0; }
}
ENDVERBATIM

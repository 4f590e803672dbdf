TITLE Second of two pools that read each other's concentration: the order in which they run shows

NEURON {
    SUFFIX pool_b
    USEION bb WRITE bbi VALENCE 1
    USEION aa READ aai VALENCE 1
    RANGE start
}

PARAMETER { tau = 3 (ms) }

ASSIGNED {
    aai (mM)
    start (mM) : what the other pool held when INITIAL ran
}

STATE { bbi (mM) }

INITIAL {
    start = aai
    bbi = 5
}

BREAKPOINT { SOLVE states METHOD cnexp }

DERIVATIVE states {
    bbi' = (2*aai - bbi)/tau
}

TITLE First of two pools that read each other's concentration: the order in which they run shows

NEURON {
    SUFFIX pool_a
    USEION aa WRITE aai VALENCE 1
    USEION bb READ bbi VALENCE 1
    RANGE start
}

PARAMETER { tau = 2 (ms) }

ASSIGNED {
    bbi (mM)
    start (mM) : what the other pool held when INITIAL ran
}

STATE { aai (mM) }

INITIAL {
    start = bbi
    aai = 2
}

BREAKPOINT { SOLVE states METHOD cnexp }

DERIVATIVE states {
    aai' = (bbi - aai)/tau
}

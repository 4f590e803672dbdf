: Writes a concentration of another ion, after pool in the alphabet

NEURON {
    SUFFIX tank
    USEION k READ ki WRITE ki
    RANGE turn
    POINTER clock
}

ASSIGNED {
    ki (mM)
    clock
    turn
}

INITIAL {
    clock = clock + 1
    turn = clock
}

: Adds a digit to its story in each block

NEURON {
    POINT_PROCESS Phases
    NONSPECIFIC_CURRENT i
    RANGE story
}

ASSIGNED {
    i (nanoamp)
    story
}

BEFORE INITIAL {
    story = 1
}

INITIAL {
    add(2)
}

AFTER INITIAL {
    add(3)
}

BEFORE BREAKPOINT {
    add(4)
}

BREAKPOINT {
    SOLVE states
    add(5)
    i = 0
}

BEFORE STEP {
    add(6)
}

PROCEDURE states() {
    add(7)
}

AFTER SOLVE {
    add(8)
}

NET_RECEIVE(w) {
    INITIAL {
        add(9)
    }
}

PROCEDURE add(digit) {
    story = 10 * story + digit
}

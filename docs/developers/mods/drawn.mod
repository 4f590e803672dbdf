: Random numbers of a stream of its own

NEURON {
    POINT_PROCESS Drawn
    RANDOM stream
    RANGE first, second
}

ASSIGNED {
    first
    second
}

INITIAL {
    random_setids(stream, 1, 2, 3)
    random_setseq(stream, 0)
    first = random_normal(stream)
    second = random_normal(stream)
}

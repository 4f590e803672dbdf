: A LOCAL at file scope, which every instance counts up

NEURON {
    SUFFIX kept
    RANGE n
}

LOCAL count

ASSIGNED {
    n
}

INITIAL {
    count = count + 1
    n = count
}

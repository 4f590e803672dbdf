: What events write whole is no sum: the last one decides.

NEURON {
    POINT_PROCESS Counting
    RANGE last, sum, hidden
}

ASSIGNED { v (mV)  last  sum  hidden }

INITIAL { sum = 0 }

NET_RECEIVE(w) {
    last = w
    sum = sum + w
    hidden = v
}

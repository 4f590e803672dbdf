TITLE Sets the reversal potential of sodium

NEURON {
    SUFFIX nareversal
    USEION na WRITE ena
}
ASSIGNED { ena (millivolt) }
INITIAL { ena = 45 }

TITLE Sets the sodium outside

NEURON {
    SUFFIX naoutside
    USEION na WRITE nao
}
ASSIGNED { nao (milli/liter) }
INITIAL { nao = 130 }

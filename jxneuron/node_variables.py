"""NEURON's names of the variables that a node has besides v, and no mechanism of ours computes."""

MEMBRANE_CURRENT = "i_membrane_"  # nA, through a segment's membrane (use_fast_imem)
OUTSIDE_VOLTAGE = "vext"  # mV, of each layer of extracellular
OUTSIDE_CURRENT = "i_membrane"  # mA/cm2, through the membrane where it has extracellular
OUTSIDE_SOURCE = "e_extracellular"  # mV, of the battery between the last layer and ground
NODE_VARIABLES = (MEMBRANE_CURRENT, OUTSIDE_VOLTAGE, OUTSIDE_CURRENT, OUTSIDE_SOURCE)

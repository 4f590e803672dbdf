"""Turn NMODL text into syntax: INCLUDE, tokens, NEURON's grammar in a worker, and C code in VERBATIM."""

"""The runtime: pure functions of Program, Params and State, phase by phase as NEURON runs them."""

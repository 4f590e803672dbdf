"""The names by which Python mechanisms use the variables of ions."""

from __future__ import annotations

from jxneuron.ions import ion_names

# By name: the ion, and NEURON's name of the variable
ION_STATES = {
    "i_Na": ("na", "ina"),
    "i_K": ("k", "ik"),
    "i_Ca": ("ca", "ica"),
    "CaCon_i": ("ca", "cai"),
    "CaCon_e": ("ca", "cao"),
    "eNa": ("na", "ena"),
    "eK": ("k", "ek"),
    "eCa": ("ca", "eca"),
    **{name: (ion, name) for ion in ("na", "k", "ca") for name in ion_names(ion)},
}
# The ion's currents among them
ION_CURRENTS = {name: state for name, state in ION_STATES.items() if state[1] == ion_names(state[0]).current}

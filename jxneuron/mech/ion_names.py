"""What hand-written mechanisms call an ion's variables."""

from __future__ import annotations

# Name -> the ion, and NEURON's name of the variable
ION_STATES = {
    "i_Na": ("na", "ina"),
    "i_K": ("k", "ik"),
    "i_Ca": ("ca", "ica"),
    "CaCon_i": ("ca", "cai"),
    "CaCon_e": ("ca", "cao"),
    "eNa": ("na", "ena"),
    "eK": ("k", "ek"),
    "eCa": ("ca", "eca"),
    **{f"{kind}{ion}": (ion, f"{kind}{ion}") for ion in ("na", "k", "ca") for kind in ("i", "e")},
    **{f"{ion}{side}": (ion, f"{ion}{side}") for ion in ("na", "k", "ca") for side in ("i", "o")},
}
# The ion's currents among them
ION_CURRENTS = {name: found for name, found in ION_STATES.items() if found[1] == f"i{found[0]}"}

"""Variables of NEURON's own library that no interpreter shows.

In: the name of a symbol. Out: what it holds.
"""

from __future__ import annotations

import ctypes
import sys


def pointer(symbol: str) -> int | None:
    """Return the pointer that a variable of NEURON's library holds; None where it is null or there is no such symbol.

    Args:
        symbol: the variable's name in the library, as a compiler writes it.
    """
    neuron = sys.modules.get("neuron")
    try:
        library = neuron.nrn_dll() if neuron else ctypes.CDLL(None)
        return ctypes.c_void_p.in_dll(library, symbol).value
    except (ValueError, OSError, AttributeError):
        return None

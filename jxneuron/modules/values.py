"""What users hand over, as numbers.

In: whatever was given. Out: numpy, or one ModelError that says what it was given for.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Floats


def numbers(what: str, value: Any) -> Floats:
    """Real numbers as float64, in the shape they were given in.

    Raises:
        ModelError: text, None, truth values, complex numbers, or lists of unequal lengths.
    """
    try:
        found = np.asarray(value)
        if found.dtype.kind not in "iuf":
            raise TypeError(found.dtype)
        return found.astype(np.float64)
    except (TypeError, ValueError):
        shown = repr(value)
        raise ModelError(f"{what}: {shown if len(shown) < 60 else shown[:60] + '...'} is no number") from None


def read_only(values: Floats) -> Floats:
    """A new array into which nothing can be written: what would be written would be lost."""
    values.flags.writeable = False
    return values


def is_traced(value: Any) -> bool:
    """True for what ``jit``, ``grad`` or ``vmap`` put in a value's place."""
    if not type(value).__module__.startswith("jax"):
        return False
    from jax.core import Tracer

    return isinstance(value, Tracer)

"""NEURON and jxneuron side by side: `compare` runs a case in both and says how equal they are."""

import sys
from types import ModuleType
from typing import Any

from jxneuron.compare.comparison import Comparison, compare

__all__ = ["Comparison", "compare"]


class _Callable(ModuleType):
    """``jx.compare`` names this package once a part of it is imported; calling it is calling `compare`."""

    def __call__(self, *args: Any, **keys: Any) -> Comparison:
        return compare(*args, **keys)


sys.modules[__name__].__class__ = _Callable

"""Translate NMODL text into the Python of a mechanism; ``compiler`` shows the stages, and no stage imports jax."""

from jxneuron.nmodl.compiler import translate, translate_all
from jxneuron.nmodl.store import Translation

__all__ = ["Translation", "translate", "translate_all"]

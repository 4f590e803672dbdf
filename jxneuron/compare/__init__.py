"""NEURON and jxneuron side by side: `compare` runs a case in both and says how equal they are."""

from jxneuron.compare.comparison import Comparison, compare

__all__ = ["Comparison", "compare"]

"""What a fit needs beside ``integrate`` and an optimiser: transforms that keep parameters in their ranges."""

from jxneuron.optimize import transforms
from jxneuron.optimize.optimizer import TypeOptimizer
from jxneuron.optimize.transforms import ParamTransform

__all__ = ["ParamTransform", "TypeOptimizer", "transforms"]

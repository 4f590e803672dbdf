"""jxneuron: NEURON models in JAX, with NEURON's own traces.

``import jxneuron as jx`` needs neither NEURON nor a compiler and starts nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jxneuron.errors import (
    ChildFailed,
    EventsLost,
    Finding,
    Float64Error,
    JxneuronError,
    ModelError,
    MorphologyWarning,
    NeuronMissing,
    NmodlError,
    NonFinite,
    Unsupported,
)

if TYPE_CHECKING:
    from jxneuron import channels as channels
    from jxneuron import optimize as optimize
    from jxneuron import solver_gate as solver_gate
    from jxneuron import synapses as synapses
    from jxneuron.compare import compare
    from jxneuron.connect import (
        connect,
        connect_events,
        connectivity_matrix_connect,
        fully_connect,
        fully_connect_events,
        sparse_connect,
        sparse_connect_events,
    )
    from jxneuron.importer import from_neuron, load, mechanism, open
    from jxneuron.modules.artificial import NetStim, VecStim
    from jxneuron.modules.facts import index_of_loc, loc_of_index
    from jxneuron.modules.module import Module
    from jxneuron.modules.network import Network
    from jxneuron.modules.parts import Branch, Cell, Compartment
    from jxneuron.modules.running import build_init_and_step_fn, integrate
    from jxneuron.modules.trainable import params_to_pstate
    from jxneuron.modules.waveforms import datapoint_to_step_currents, step_current, times
    from jxneuron.morphology import read_asc, read_swc, write_swc
    from jxneuron.optimize.transforms import ParamTransform
    from jxneuron.pictures.playback import playback
    from jxneuron.run.integrate import allow_float32

__version__ = "0.1.0"

__all__ = [
    "Branch",
    "Cell",
    "ChildFailed",
    "Compartment",
    "EventsLost",
    "Finding",
    "Float64Error",
    "JxneuronError",
    "ModelError",
    "Module",
    "MorphologyWarning",
    "NetStim",
    "Network",
    "NeuronMissing",
    "NmodlError",
    "NonFinite",
    "ParamTransform",
    "Unsupported",
    "VecStim",
    "allow_float32",
    "build_init_and_step_fn",
    "compare",
    "connect",
    "connect_events",
    "connectivity_matrix_connect",
    "datapoint_to_step_currents",
    "from_neuron",
    "fully_connect",
    "fully_connect_events",
    "index_of_loc",
    "integrate",
    "load",
    "loc_of_index",
    "mechanism",
    "open",
    "params_to_pstate",
    "playback",
    "read_asc",
    "read_swc",
    "sparse_connect",
    "sparse_connect_events",
    "step_current",
    "times",
    "write_swc",
]

# Looked up on first use, so that importing the package stays quick and starts nothing.
_ON_USE = {
    "Branch": ("jxneuron.modules.parts", "Branch"),
    "Cell": ("jxneuron.modules.parts", "Cell"),
    "Compartment": ("jxneuron.modules.parts", "Compartment"),
    "Module": ("jxneuron.modules.module", "Module"),
    "NetStim": ("jxneuron.modules.artificial", "NetStim"),
    "VecStim": ("jxneuron.modules.artificial", "VecStim"),
    "Network": ("jxneuron.modules.network", "Network"),
    "ParamTransform": ("jxneuron.optimize.transforms", "ParamTransform"),
    "allow_float32": ("jxneuron.run.integrate", "allow_float32"),
    "build_init_and_step_fn": ("jxneuron.modules.running", "build_init_and_step_fn"),
    "compare": ("jxneuron.compare", "compare"),
    "connect": ("jxneuron.connect", "connect"),
    "connect_events": ("jxneuron.connect", "connect_events"),
    "fully_connect_events": ("jxneuron.connect", "fully_connect_events"),
    "sparse_connect_events": ("jxneuron.connect", "sparse_connect_events"),
    "connectivity_matrix_connect": ("jxneuron.connect", "connectivity_matrix_connect"),
    "datapoint_to_step_currents": ("jxneuron.modules.waveforms", "datapoint_to_step_currents"),
    "fully_connect": ("jxneuron.connect", "fully_connect"),
    "from_neuron": ("jxneuron.importer", "from_neuron"),
    "index_of_loc": ("jxneuron.modules.facts", "index_of_loc"),
    "integrate": ("jxneuron.modules.running", "integrate"),
    "load": ("jxneuron.importer", "load"),
    "loc_of_index": ("jxneuron.modules.facts", "loc_of_index"),
    "mechanism": ("jxneuron.importer", "mechanism"),
    "open": ("jxneuron.importer", "open"),
    "params_to_pstate": ("jxneuron.modules.trainable", "params_to_pstate"),
    "playback": ("jxneuron.pictures.playback", "playback"),
    "read_asc": ("jxneuron.morphology", "read_asc"),
    "read_swc": ("jxneuron.morphology", "read_swc"),
    "sparse_connect": ("jxneuron.connect", "sparse_connect"),
    "step_current": ("jxneuron.modules.waveforms", "step_current"),
    "times": ("jxneuron.modules.waveforms", "times"),
    "write_swc": ("jxneuron.morphology", "write_swc"),
}
# Parts that users reach as attributes without importing them: ``jx.optimize.transforms``.
_PARTS = ("channels", "optimize", "solver_gate", "synapses")


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if name in _PARTS:
        return import_module(f"jxneuron.{name}")
    if name not in _ON_USE:
        raise AttributeError(f"module 'jxneuron' has no attribute {name!r}")
    module, attribute = _ON_USE[name]
    value = getattr(import_module(module), attribute)
    globals()[name] = value
    return value

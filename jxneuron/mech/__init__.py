"""What a mechanism is, and the functions that generated code calls.

Saved models hold generated code, which imports its helpers from here by name. So the names below, and what the
functions take, stay as they are; the modules that define them may change.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from jxneuron.mech.broadcast import received as received
    from jxneuron.mech.broadcast import sent_at as sent_at
    from jxneuron.mech.broadcast import shaped as shaped
    from jxneuron.mech.conditional import choose as choose
    from jxneuron.mech.conditional import where as where
    from jxneuron.mech.elements import element_at as element_at
    from jxneuron.mech.elements import with_element as with_element
    from jxneuron.mech.function_tables import function_table as function_table
    from jxneuron.mech.functions import acos as acos
    from jxneuron.mech.functions import asin as asin
    from jxneuron.mech.functions import atan as atan
    from jxneuron.mech.functions import atan2 as atan2
    from jxneuron.mech.functions import ceil as ceil
    from jxneuron.mech.functions import cnexp as cnexp
    from jxneuron.mech.functions import cos as cos
    from jxneuron.mech.functions import cosh as cosh
    from jxneuron.mech.functions import divide as divide
    from jxneuron.mech.functions import erf as erf
    from jxneuron.mech.functions import exp as exp
    from jxneuron.mech.functions import fabs as fabs
    from jxneuron.mech.functions import floor as floor
    from jxneuron.mech.functions import fmax as fmax
    from jxneuron.mech.functions import fmin as fmin
    from jxneuron.mech.functions import fmod as fmod
    from jxneuron.mech.functions import log as log
    from jxneuron.mech.functions import log10 as log10
    from jxneuron.mech.functions import negate as negate
    from jxneuron.mech.functions import number as number
    from jxneuron.mech.functions import power as power
    from jxneuron.mech.functions import sin as sin
    from jxneuron.mech.functions import sinh as sinh
    from jxneuron.mech.functions import sqrt as sqrt
    from jxneuron.mech.functions import tan as tan
    from jxneuron.mech.functions import tanh as tanh
    from jxneuron.mech.mechanism import Action as Action
    from jxneuron.mech.mechanism import Armed as Armed
    from jxneuron.mech.mechanism import Current as Current
    from jxneuron.mech.mechanism import Diffusion as Diffusion
    from jxneuron.mech.mechanism import Field as Field
    from jxneuron.mech.mechanism import FunctionTable as FunctionTable
    from jxneuron.mech.mechanism import IonUse as IonUse
    from jxneuron.mech.mechanism import Mechanism as Mechanism
    from jxneuron.mech.mechanism import Pointer as Pointer
    from jxneuron.mech.mechanism import Stream as Stream
    from jxneuron.mech.random123 import random123_ipick as random123_ipick
    from jxneuron.mech.random123 import random123_normal as random123_normal
    from jxneuron.mech.random123 import random123_pair as random123_pair
    from jxneuron.mech.random123 import random123_pick as random123_pick
    from jxneuron.mech.random123 import random123_picked as random123_picked
    from jxneuron.mech.random123 import random123_second_normal as random123_second_normal
    from jxneuron.mech.random123 import random123_sequence as random123_sequence
    from jxneuron.mech.random123 import random123_uniform as random123_uniform
    from jxneuron.mech.scop import gauss as gauss
    from jxneuron.mech.scop import harmonic as harmonic
    from jxneuron.mech.scop import hyperbol as hyperbol
    from jxneuron.mech.scop import nrn_ghk as nrn_ghk
    from jxneuron.mech.scop import revhyperbol as revhyperbol
    from jxneuron.mech.scop import revsigmoid as revsigmoid
    from jxneuron.mech.scop import sigmoid as sigmoid
    from jxneuron.mech.solvers.derivimplicit import derivimplicit as derivimplicit
    from jxneuron.mech.solvers.euler import euler as euler
    from jxneuron.mech.solvers.linear import linear as linear
    from jxneuron.mech.solvers.nonlinear import nonlinear as nonlinear
    from jxneuron.mech.solvers.runge import runge as runge
    from jxneuron.mech.solvers.sparse import sparse as sparse
    from jxneuron.mech.solvers.steadystate import steadystate as steadystate
    from jxneuron.mech.solvers.unadvanced import unadvanced as unadvanced
    from jxneuron.mech.table import build_table as build_table
    from jxneuron.mech.table import first_instance as first_instance
    from jxneuron.mech.table import interpolate as interpolate
    from jxneuron.mech.table import lookup as lookup
    from jxneuron.mech.table import tabulate as tabulate
    from jxneuron.mech.while_loop import repeat as repeat
    from jxneuron.mech.while_loop import unset as unset

# Imported on first use, so that reading what a mechanism is does not load JAX
_HOMES = {
    "conditional": "choose where",
    "elements": "element_at with_element",
    "functions": "acos asin atan atan2 ceil cnexp cos cosh divide erf exp fabs floor fmax fmin fmod log log10 negate "
    "number power sin sinh sqrt tan tanh",
    "function_tables": "function_table",
    "while_loop": "repeat unset",
    "mechanism": "Action Armed Current Diffusion Field FunctionTable IonUse Mechanism Pointer Stream",
    "random123": "random123_ipick random123_normal random123_pair random123_pick random123_picked "
    "random123_second_normal random123_sequence "
    "random123_uniform",
    "scop": "gauss harmonic hyperbol nrn_ghk revhyperbol revsigmoid sigmoid",
    "broadcast": "received sent_at shaped",
    "table": "build_table first_instance interpolate lookup tabulate",
}
_SOLVERS = ("derivimplicit", "euler", "linear", "nonlinear", "runge", "sparse", "steadystate", "unadvanced")
_ON_USE = {name: module for module, names in _HOMES.items() for name in names.split()}
_ON_USE |= {name: f"solvers.{name}" for name in _SOLVERS}


def __getattr__(name: str) -> Any:
    if name not in _ON_USE:
        raise AttributeError(f"module 'jxneuron.mech' has no attribute {name!r}")
    value = getattr(import_module(f"jxneuron.mech.{_ON_USE[name]}"), name)
    globals()[name] = value
    return value

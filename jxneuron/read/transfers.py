"""Gap junctions by ParallelContext: which variable takes over the value of which other one.

In: a session whose mechanisms and ions are read. Out: Transfers. NEURON keeps them in tables that it does not show
(partrans.cpp). In a fork every variable gets a value of its own, and NEURON's transfer runs once: the variables that
change are the targets, and each one's new value says which is its source.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import NamedTuple

from jxneuron.errors import Finding, ModelError
from jxneuron.model.model import Probe, Transfer
from jxneuron.node_variables import OUTSIDE_VOLTAGE
from jxneuron.read.fork import in_fork, make_marks
from jxneuron.read.library import pointer
from jxneuron.read.variables import Session, Variable

PLACE = "pc.setup_transfer"
SET_UP_ANEW = "pc.gid_clear() ends the transfers; then set up those of the model as it is"
COMPUTE_INSIDE = "nrnthread_vi_compute_"  # computes v + vext of sources with extracellular
COPY = "nrnthread_v_transfer_"
WAY_OUT = "transfer a voltage, a concentration or a variable of a mechanism of the model"


class Transfers(NamedTuple):
    """The transfers of a session, and findings about those whose source is not in the model."""

    transfers: tuple[Transfer, ...] = ()
    findings: tuple[Finding, ...] = ()


def read_transfers(session: Session) -> Transfers:
    """Find source and target of every transfer; targets that do not belong to the model are left out.

    Raises:
        ModelError: a source or a target was deleted, so that NEURON fails too.
    """
    if pointer(COPY) is None:
        return Transfers()
    try:
        pairs = in_fork(lambda: _find_pairs(session))
    except ModelError as error:
        what = f"{PLACE}: NEURON itself fails at these transfers, as where a source or a target was deleted"
        raise ModelError(f"{what}; {SET_UP_ANEW} ({error})") from error
    known = [(tuple(target), tuple(source)) for target, source in pairs if source is not None]
    lost = [session.name(tuple(target)) for target, source in pairs if source is None]
    what = "its source is no variable of the model, or was deleted"
    return Transfers(
        tuple(Transfer(_probe(session, source), _probe(session, target)) for target, source in known),
        tuple(Finding(name, f"target of {PLACE}: {what}", WAY_OUT) for name in lost),
    )


def _probe(session: Session, variable: Variable) -> Probe:
    return Probe(session.name(variable), *variable)


# What follows runs in the fork


def _find_pairs(session: Session) -> list[tuple[Variable, Variable | None]]:
    """Return the target of each transfer with its source, None for a source that is not in the model.

    Where there is extracellular, NEURON transfers v + vext: vext is 0 here, so that v alone shows.
    """
    session.h.fcurrent()  # lets NEURON follow changes of the model's structure
    shown = [variable for variable, _ in session.values() if session.is_instance_variable(variable)]
    outside = {variable for variable in shown if variable[0].partition("[")[0] == OUTSIDE_VOLTAGE}
    variables = [variable for variable in shown if variable not in outside]
    set_value = session.setter()
    for variable in outside:
        set_value(variable, 0.0)
    for variable, mark in zip(variables, make_marks(len(variables)).tolist(), strict=True):
        set_value(variable, mark)
    before = dict(session.values())
    owners = {before[variable]: variable for variable in variables}
    _transfer()
    return [(one, owners.get(value)) for one, value in session.values() if _differs(value, before[one])]


def _differs(value: float, before: float) -> bool:
    return value != before and not (value != value and before != before)


def _transfer() -> None:
    for symbol in (COMPUTE_INSIDE, COPY):
        function = pointer(symbol)
        if function is not None:
            call: Callable[[int | None], None] = ctypes.CFUNCTYPE(None, ctypes.c_void_p)(function)
            call(pointer("nrn_threads"))

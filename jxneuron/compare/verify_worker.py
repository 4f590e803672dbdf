"""NEURON's part of a verification, in a child process.

In: a request ``{library, orders, round}``; an order is a mechanism's name and the constants of its file. Out: per
mechanism and setting ``<name>.<k>.jxn`` (the session before its initialisation) and ``<name>.<k>.npz`` (what NEURON
shows at four moments, and its matrix), and an answer with what failed.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jxneuron.child import process
from jxneuron.compare import sampling
from jxneuron.compare.sampling import Setting
from jxneuron.errors import JxneuronError, ModelError
from jxneuron.files import write_atomically
from jxneuron.importer import read_session
from jxneuron.mech.generated import load as load_mechanism
from jxneuron.mech.generated import load_all
from jxneuron.mech.mechanism import Mechanism
from jxneuron.model import file
from jxneuron.read.session import read_model

CELSIUS = (6.3, 23.0, 36.5)  # degC
STEPS = (0.025, 0.1, 0.004)  # ms
PROGRESS = "progress.json"
Shown = dict[str, Any]


def settings(round_: int, mechanism: Mechanism) -> list[Setting]:
    """The settings of a round: one temperature, each dt.

    Only the first uses TABLEs: what a fresh process tabulates is well defined, what later settings leave is not. Where
    the code reads what it left in variables that NEURON does not show, the first is the only one. States stay inside
    their range where a FUNCTION_TABLE is: a v that they take to no number crashes NEURON there. An artificial cell has
    none: all that it does is done by events.
    """
    if mechanism.kind == "artificial":
        return []
    has_tables = mechanism.tables is not None
    hides = bool(mechanism.sequential) and any(field.scope == "file" for field in mechanism.fields_in("s"))
    return [
        Setting(
            celsius=CELSIUS[round_],
            dt=STEPS[(round_ + k) % 3],
            tables=has_tables and k == 0,
            seed=10 * round_ + k,
            shipped=round_ == 0 and k == 0,
            states=2 if mechanism.function_tables else 3,
        )
        for k in range(1 if hides else len(STEPS))
    ]


def main() -> None:
    """Entry of the child process."""
    process.serve(run)


def run(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Run every order; a file names the one under way, should NEURON crash."""
    from neuron import h

    h.nrn_load_dll(request["library"])
    done: dict[str, Any] = {}
    for order in request["orders"]:
        write_atomically(folder / PROGRESS, json.dumps({"under way": order["name"], "done": done}))
        try:
            done[order["name"]] = _mechanism(h, order, request["round"], folder)
        except (JxneuronError, RuntimeError, AttributeError, LookupError, TypeError) as error:
            done[order["name"]] = {"settings": 0, "failed": f"{type(error).__name__}: {error}"}
    return done


def _mechanism(h: Any, order: dict[str, Any], round_: int, folder: Path) -> dict[str, Any]:
    mechanism = load_mechanism(order["python"])
    v = sampling.voltages(order["constants"])
    defaults: dict[str, Any] = {}
    count, failed = 0, ""
    for setting in settings(round_, mechanism):
        for mild in sampling.milder(setting):
            said: list[str] = []
            try:
                with _overheard(said):
                    _setting(h, mechanism, v, mild, defaults, folder / f"{order['name']}.{count}")
                count += 1
                break
            except (RuntimeError, ModelError) as error:  # NEURON's Newton iteration may not converge from such states
                failed = "\n".join(["NEURON stops:", *said] if said else [f"NEURON stops: {error}"])
    return {"settings": count, "failed": failed}


@contextlib.contextmanager
def _overheard(said: list[str]) -> Iterator[None]:
    """Keep what NEURON prints meanwhile, each line once; where it stops, its own words are there."""
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as capture:
        os.dup2(capture.fileno(), 2)
        try:
            yield
        finally:
            sys.stderr.flush()
            os.dup2(kept, 2)
            os.close(kept)
            capture.seek(0)
            said += _telling(capture.read().decode(errors="replace"))


def _telling(output: str) -> Iterator[str]:
    """The lines of NEURON's output that say something, without those that only hold addresses and marks."""
    lines = dict.fromkeys(line.strip() for line in output.splitlines())
    return (f"  | {line}" for line in lines if line and not line.startswith(("0x", "^", "near line 0")))


def _setting(
    h: Any, mechanism: Mechanism, v: NDArray[np.float64], setting: Setting, defaults: dict[str, Any], path: Path
) -> None:
    """Initialise, disturb, look at the current phase, step; save what NEURON shows at each moment."""
    sampling.apply(h, mechanism, setting, defaults)
    held = sampling.build(h, mechanism, v, setting)
    try:
        if mechanism.initial_actions:
            h.finitialize()  # else its events are missing
        given = read_session(h, init="neuron", strict=True)
        mechanisms = load_all(given.sources)
        h.finitialize()
        moments = {"initial": _shown(h, mechanisms)}
        sampling.disturb(mechanism, held, setting)
        h.t = 0.0 if setting.shipped else 0.37 + setting.seed
        moments["before"] = _shown(h, mechanisms)
        h.fcurrent()
        matrix = {name: [h.fmatrix(0.5, which, sec=each) for each in held.sections] for name, which in _MATRIX.items()}
        moments["current"] = _shown(h, mechanisms)
        h.fadvance()
        moments["after"] = _shown(h, mechanisms)
        file.save(given, path.with_name(path.name + ".jxn"))
        flat = {f"{moment}|{key}": value for moment, shown in moments.items() for key, value in shown.items()}
        flat |= {f"matrix|{name}": np.array(values) for name, values in matrix.items()}
        np.savez(path.with_name(path.name + ".npz"), allow_pickle=False, **flat)
    finally:
        sampling.clear(h, held)


_MATRIX = {"diagonal": 2, "rhs": 4}


def _shown(h: Any, mechanisms: Mapping[str, Mechanism]) -> Shown:
    """Everything that NEURON shows: ``t``, ``v``, ``mech|name|field``, ``ion|name|variable``."""
    model = read_model(h, mechanisms, init_mode="neuron", values_only=True)
    initial = model.initial
    assert initial is not None
    shown: Shown = {"t": initial.t, "v": initial.v}
    for name, values in initial.states.items():
        shown |= {f"mech|{name}|{field}": value for field, value in values.items()}
    for ion in model.ions:
        values = {"e": ion.e, "inside": ion.inside, "outside": ion.outside, "current": initial.currents[ion.name]}
        shown |= {f"ion|{ion.name}|{variable}": value for variable, value in values.items()}
    return shown

"""Check a Model before it is lowered, and name everything that cannot be simulated at once.

In: a Model. Out: nothing, or one ModelError.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from jxneuron.errors import ModelError
from jxneuron.ions import ion_names
from jxneuron.model.find import node_name, placement_of, source_name
from jxneuron.model.model import Events, Floats, Ints, Ion, Model, Placement
from jxneuron.wording import and_more, listed

# The most places that a complaint lists by name
SHOWN = 20


def check(model: Model) -> None:
    """Refuse values with which NEURON would not run either.

    Lengths, diameters, areas and Ra must be positive, and cm not negative. All values must be finite numbers, except
    those that a mechanism computes itself. Every parent must come before its children. Delays must not be negative:
    NEURON would deliver such an event at once, at a time that is past.

    Raises:
        ModelError: names every place, and what is wrong there.
    """
    complaints = [*_tree(model), *_geometry(model), *_values(model), *_events(model), *_settings(model)]
    if complaints:
        raise ModelError("\n".join(["the model cannot be simulated:", *complaints]))


def check_movable(model: Model) -> None:
    """Refuse to cut compartments, or to put them elsewhere, where something of a model is bound to their places.

    Raises:
        ModelError: the model has extracellular, or transfers of ParallelContext.
    """
    if model.extracellular is not None:
        raise ModelError("sections with extracellular cannot be cut or put together here: do it in NEURON")
    if model.transfers:
        raise ModelError("gap junctions of ParallelContext cannot be cut or put together here: do it in NEURON")


def _tree(model: Model) -> Iterator[str]:
    parent = model.nodes.parent
    late = np.flatnonzero((parent >= np.arange(len(parent))) | (parent < -1))
    if len(late):
        yield f"the tree has a cycle, or a parent after its child: {_places(model, late)}"


def _geometry(model: Model) -> Iterator[str]:
    nodes, centre = model.nodes, ~model.nodes.is_end
    for name, unit in (("length", "um"), ("diam", "um"), ("area", "um2")):
        wrong = centre & ~_positive(getattr(nodes, name))
        yield from _where(model, f"{name} ({unit}) must be a positive number", wrong)
    yield from _where(model, "Ra (ohm cm) must be a positive number", ~_positive(nodes.Ra))
    capacitive = np.isfinite(nodes.cm) & (nodes.cm >= 0)
    yield from _where(model, "cm (uF/cm2) must be a number that is not negative", ~capacitive)
    yield from _where(model, "rallbranch must be a positive number", ~_positive(nodes.rallbranch))


def _positive(values: np.ndarray) -> np.ndarray:
    return np.isfinite(values) & (values > 0)


def _values(model: Model) -> Iterator[str]:
    for placement in model.placements:
        yield from _placement(model, placement)
    for ion in model.ions:
        yield from _ion(model, ion)
    if model.initial is not None:
        yield from _where(model, "v (mV) is not a number", ~np.isfinite(model.initial.v))


def _placement(model: Model, placement: Placement) -> Iterator[str]:
    """Check the parameters; what a mechanism computes may be anything before it does."""
    computed: Mapping[str, Floats] = {} if model.initial is None else model.initial.states.get(placement.mechanism, {})
    for name, values in placement.values.items():
        bad = ~np.isfinite(np.atleast_2d(values)).all(axis=0)
        if name not in computed and bad.any():
            places = _labels(model, placement, np.flatnonzero(bad))
            yield f"{name}_{placement.mechanism} is not a number: {places}"
    for name, value in placement.globals.items():
        if name not in computed and not np.isfinite(value).all():
            yield f"{name}_{placement.mechanism} is not a number"


def _ion(model: Model, ion: Ion) -> Iterator[str]:
    names = ion_names(ion.name)
    for name, values in ((names.e, ion.e), (names.inside, ion.inside), (names.outside, ion.outside)):
        bad = np.flatnonzero(~np.isfinite(values))
        if len(bad):
            yield f"{name} is not a number: {_places(model, ion.node[bad])}"


def _events(model: Model) -> Iterator[str]:
    if model.events is None:
        return
    wires, sources = model.events.connections, model.events.sources
    wrong = list(_ends(model, model.events))
    if wrong:  # the ends of a connection are its name in all other complaints
        yield from wrong
        return
    known = model.events.known.time
    if np.isnan(known).any() or (np.diff(known) < 0).any():
        yield "spikes that are known before a run must have times that are numbers, and be sorted by them"
    late = np.flatnonzero(~(wires.delay >= 0))
    if len(late):
        yield f"a delay (ms) must be a number that is not negative: {_wires(model, late)}"
    for number, name in enumerate(wires.targets):
        bad = ~np.isfinite(wires.weights[name]).all(axis=1)
        if bad.any():
            yield f"a weight is not a number: {_wires(model, np.flatnonzero(wires.mechanism == number)[bad])}"
    nowhere = np.flatnonzero(~np.isfinite(sources.threshold))
    if len(nowhere):
        yield f"a threshold is not a number: {listed([_source(model, int(k)) for k in nowhere], SHOWN)}"


def _ends(model: Model, events: Events) -> Iterator[str]:
    wires, targets = events.connections, len(events.connections.targets)
    sizes = np.array([len(placement_of(model, name).node) for name in wires.targets], np.int64)
    bad = (wires.mechanism < 0) | (wires.mechanism >= targets)
    yield from _rows("leads to no mechanism that is named", bad)
    if not bad.any():
        yield from _rows(
            "leads to an instance that there is not", (wires.instance < 0) | (wires.instance >= sizes[wires.mechanism])
        )
    sources = len(events.sources.kind)
    yield from _rows("comes from a source that there is not", (wires.source < 0) | (wires.source >= sources))
    if ((events.known.source < 0) | (events.known.source >= sources)).any():
        yield "a spike that is known before a run comes from a source that there is not"


def _rows(complaint: str, bad: np.ndarray) -> Iterator[str]:
    if bad.any():
        yield f"a connection {complaint}: {listed([f'number {row}' for row in np.flatnonzero(bad)], SHOWN)}"


def _wires(model: Model, rows: np.ndarray) -> str:
    """Name connections by their ends: ``soma(0.5) -> ExpSyn[3]``."""
    assert model.events is not None
    wires = model.events.connections
    labels = [placement_of(model, name).labels for name in wires.targets]
    names = [
        f"{_source(model, int(wires.source[row]))} -> {labels[int(wires.mechanism[row])][int(wires.instance[row])]}"
        for row in rows[:SHOWN]
    ]
    return f"{', '.join(names)} {and_more(len(rows), len(names))}".rstrip()


def _source(model: Model, k: int) -> str:
    assert model.events is not None
    return source_name(model, model.placements, model.ions, model.events.sources, k) or "no source"


def _settings(model: Model) -> Iterator[str]:
    settings = model.settings
    if not (np.isfinite(settings.dt) and settings.dt > 0):
        yield f"dt (ms) must be positive: it is {settings.dt!r}"
    for name in ("celsius", "v_init", "tstop"):
        if not np.isfinite(getattr(settings, name)):
            yield f"{name} is not a number"
    if settings.secondorder not in (0, 1, 2):
        yield f"secondorder must be 0, 1 or 2: it is {settings.secondorder}"


def _where(model: Model, complaint: str, bad: NDArray[np.bool_]) -> Iterator[str]:
    if bad.any():
        yield f"{complaint}: {_places(model, np.flatnonzero(bad))}"


def _labels(model: Model, placement: Placement, rows: Ints) -> str:
    if placement.labels:
        return listed([placement.labels[int(row)] for row in rows], SHOWN)
    return _places(model, placement.node[rows])


def _places(model: Model, nodes: Ints) -> str:
    return listed([node_name(model, int(node)) for node in nodes], SHOWN)

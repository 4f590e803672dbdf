"""Run again with more room for events, until none is lost.

In: a Simulation, and the State after a run. Out: what to run again, and from where; errors where that is in vain.
"""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import numpy as np

from jxneuron.errors import EventsLost, ModelError
from jxneuron.lower.program import Capacity, Lost, Program, State
from jxneuron.model.find import placement_of, source_name
from jxneuron.model.model import Model
from jxneuron.run.events.room import MOST_PLACES, capacity_of, is_traced, make_room, room_needed

if TYPE_CHECKING:
    from jxneuron.modules.simulate import Simulation


def room_for_rerun(simulation: Simulation, last: State) -> Capacity | None:
    """Return the Capacity with which a run has to be repeated, since it lost events; None where it lost none.

    Nobody knows it yet where the run is traced: v is then not a number after the first loss.

    Raises:
        ModelError: NEURON stops here too, or events do not end.
        EventsLost: more room than there may be.
    """
    if last.events is None or is_traced(last):
        return None
    _require_an_end(simulation.model, simulation.program, last.events.lost)
    needed = room_needed(capacity_of(simulation.program.capacity, last), last)
    if needed is not None and max(needed.spikes, needed.queue, needed.agenda) > MOST_PLACES:
        raise EventsLost(f"{_lost_where(simulation.model, last.events.lost)}: there may be {MOST_PLACES} at most")
    return needed


def with_room(simulation: Simulation, state: State, capacity: Capacity) -> tuple[Simulation, State]:
    """Return what runs with more room, and the State from which it starts."""
    program = dataclasses.replace(simulation.program, capacity=capacity)
    return dataclasses.replace(simulation, program=program), make_room(state, capacity)


def _require_an_end(model: Model, program: Program, lost: Lost) -> None:
    if not int(lost.stopped) + int(lost.endless):
        return
    place = "an event"
    if int(lost.receiver) >= 0:
        name = program.receivers[int(lost.receiver)].slot.name
        labels = placement_of(model, name).labels
        place = labels[int(lost.instance)] if labels else name
    if int(lost.stopped):
        raise ModelError(f"{place} sends an event into the past, or moves one that there is not: NEURON stops there")
    raise ModelError(f"events do not end at one time: {place} sends the next one without a delay")


def _lost_where(model: Model, lost: Lost) -> str:
    source = int(lost.source)
    sources = None if model.events is None else model.events.sources
    name = ""
    if sources is not None and 0 <= source < len(sources.kind):
        name = source_name(model, model.placements, model.ions, sources, source)
    after = f" at t = {float(lost.time):.6g} ms" if np.isfinite(float(lost.time)) else ""
    return f"no room for a spike{f' of {name}' if name else ''}{after}"


def describe_room(model: Model, last: State, capacity: Capacity) -> str:
    """Say what was lost in a run, and what holds it: for a note or a warning."""
    assert last.events is not None
    asked = {field.name: getattr(capacity, field.name) for field in dataclasses.fields(capacity)}
    lost = last.events.lost
    what = _lost_where(model, lost) if int(lost.spikes) + int(lost.queue) + int(lost.agenda) else "no room to record"
    return f"{what}: repeated with events_capacity = {asked}"


def require_no_loss(simulation: Simulation, state: State) -> None:
    """Refuse a State from which no run can start, since its own initialisation lost events.

    Raises:
        EventsLost: says what to ask for.
    """
    if state.events is None or is_traced(state):
        return
    _require_an_end(simulation.model, simulation.program, state.events.lost)
    capacity = capacity_of(simulation.program.capacity, state)
    needed = room_needed(capacity, state)
    if needed is not None:
        asked = {
            field.name: getattr(needed, field.name)
            for field in dataclasses.fields(needed)
            if getattr(needed, field.name) != getattr(capacity, field.name)
        }
        raise EventsLost(f"{_lost_where(simulation.model, state.events.lost)}: ask for more, events_capacity = {asked}")

"""Statements and Python functions that NEURON calls while it steps: a live session -> findings.

In: a session and its sources of events. Out: findings. NEURON lists none of them; two steps in a fork of the session,
in the second of which everything fires, show whether something is called.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from jxneuron.errors import Finding, ModelError
from jxneuron.read.fork import in_fork
from jxneuron.read.netcons import EventSource, NetCons

NEVER, ALWAYS = 1e300, -1e300  # thresholds
SOON = 1e-6  # ms
TIME_LIMIT = 60.0  # s
IN_STEPS = "leave it out of the model: cvode.extra_scatter_gather_remove(function)"
AT_SPIKES = 'record the spikes in a Vector, nc.record(vector); nc.record("") ends the statement'


def find_callbacks(h: Any, netcons: NetCons) -> Iterator[Finding]:
    """Find what is called in each step, and what NetCon.record calls at spikes."""
    try:
        in_steps, at_spikes, statement = in_fork(lambda: _try_steps(h, netcons), time_limit=TIME_LIMIT)
    except ModelError:  # NEURON cannot step the model, as with a POINTER without target, or a cell never ends to fire
        return
    for name in in_steps:
        what = f"the Python function {name} runs in every step: not taken over yet"
        yield Finding("cvode.extra_scatter_gather", what, IN_STEPS)
    for name in sorted(set(at_spikes) - set(in_steps)) or ([""] if statement else []):
        what = f"the Python function {name}" if name else "a statement"
        yield Finding("NetCon.record", f"{what} runs at spikes: not taken over yet", AT_SPIKES)


# What follows runs in the fork


def _try_steps(h: Any, netcons: NetCons) -> tuple[list[str], list[str], bool]:
    """Return the functions that are called in a step, in a step in which all fires, and whether a statement runs."""
    h.CVode().active(False)
    sources = [source for source in netcons.sources if not source.deleted]
    connections = [_connection_of(h, netcons, source) for source in sources]
    in_steps, _ = _step(h, connections, NEVER)
    kicks = [_kick(h, source.instance) for source in sources if source.instance is not None]
    at_spikes, statement = _step(h, connections, ALWAYS)
    del kicks
    return in_steps, at_spikes, statement


def _connection_of(h: Any, netcons: NetCons, source: EventSource) -> Any:
    """Return a NetCon of a source; a new one joins the source that is there."""
    if source.members:
        return netcons.connections[source.members[0]]
    if source.segment is not None:
        return h.NetCon(source.segment._ref_v, None, sec=source.segment.sec)
    return h.NetCon(source.instance, None)


def _kick(h: Any, instance: Any) -> list[Any]:
    """Send an instance what makes most of them fire: a weight below 0 ends a NetStim, one above 0 starts it again."""
    made = []
    for k, weight in enumerate((-1.0, 2.0)):
        made.append(h.NetCon(None, instance))
        made[-1].weight[0] = weight
        made[-1].event(h.t + (k + 1) * SOON)
    return made


def _step(h: Any, connections: Iterable[Any], threshold: float) -> tuple[list[str], bool]:
    """Step once with a threshold for all; return what Python functions are called and whether a statement runs.

    NEURON sets ``t`` to the time of a spike before it runs a statement, and to the end of the step only later.
    """
    for connection in connections:
        connection.threshold = threshold
    seen: list[float] = []
    called: list[str] = []

    def look() -> None:
        seen.append(h.t)

    def profile(frame: Any, event: str, _: Any) -> None:
        own = frame.f_code is look.__code__ or frame.f_globals.get("__name__", "").startswith("neuron.")
        if event == "call" and not own:
            called.append(frame.f_code.co_name)

    start = h.t
    h.CVode().extra_scatter_gather(0, look)
    sys.setprofile(profile)
    try:
        h.fadvance()
    finally:
        sys.setprofile(None)
        h.CVode().extra_scatter_gather_remove(look)
    return sorted(set(called)), any(t != start for t in seen)

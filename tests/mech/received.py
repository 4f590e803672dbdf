"""One instance that takes events: a mechanism's functions, in the order in which NEURON's fixed step runs them.

In: a mechanism, its values, connections and events. Out: its fields after each step, and when it sent events to others.
It is written for reading: one event at a time, from a list that is kept in order.
"""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from jxneuron.mech.mechanism import Action, Mechanism, Received

AREA = math.pi * 100.0  # um2, of a cylinder of 10 um by 10 um
ABOVE = -1e-11  # WatchCondition::activate of netcvode.cpp


@dataclass
class Case:
    """What one instance is given.

    Attributes:
        values: of its parameters, by name.
        weights: one list for each connection, with a value for each weight.
        events: number of the connection, and the time in ms.
        v: mV, where it starts.
    """

    mechanism: Mechanism
    weights: list[list[float]]
    events: list[tuple[int, float]]
    values: dict[str, float] = field(default_factory=dict)
    v: float = -65.0


@dataclass(order=True)
class Waiting:
    """An event on its way; those of one time come in the order in which they were sent."""

    time: float
    sent: int
    connection: int | None = field(compare=False)
    flag: float = field(compare=False)


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of a mechanism, to which ``secondorder`` is a Python int."""

    def with_order(p: Any, s: Any, v: Any, env: dict[str, Any], *event: Any) -> Any:
        return function(p, s, v, {**env, "secondorder": 0}, *event)

    return jax.jit(with_order)


class Instance:
    """One instance of a mechanism, with its queue."""

    def __init__(self, case: Case, dt: float) -> None:
        m = self.mechanism = case.mechanism
        self.dt, self.t, self.v = dt, 0.0, case.v
        start = {one.name: case.values.get(one.name, one.default) for one in m.fields}
        filled = {f.name: np.full((f.size, 1) if f.size else (1,), start[f.name]) for f in m.fields}
        self.p = {f.name: jnp.asarray(filled[f.name]) for f in m.fields_in("p")}
        self.s = {f.name: jnp.asarray(filled[f.name]) for f in m.fields_in("s")}
        self.queue: list[Waiting] = []
        self.sent, self.movable = 0, None
        self.spikes: list[float] = []
        self.armed: dict[int, tuple[float, bool]] = {}  # flag, and whether the condition held
        self.run = {name: compiled(f) for name in ("initial", "initial_sends", "current", "advance", "receive",
                    "receive_initial") if (f := getattr(m, name)) is not None}  # fmt: skip
        self.watches = [compiled(watch) for watch in m.watches]
        self.weights = [dict(zip(m.weights, values, strict=True)) for values in case.weights]
        self.finitialize()
        for connection, time in case.events:
            self.send(time, connection, 0.0)

    def arguments(self, t: float, above: float = 0.0) -> tuple[Any, ...]:
        """What every function takes; ``t`` is the time that it sees, ``above`` is added to v."""
        env = {"t": t, "dt": self.dt, "celsius": 6.3, "area": AREA, "diam": 10.0}
        return self.p, self.s, jnp.full((1,), self.v + above), env

    def finitialize(self) -> None:
        """INITIAL, then that of NET_RECEIVE for each connection, or weights of 0 but for the first."""
        asked = self.run["initial_sends"](*self.arguments(0.0)) if "initial_sends" in self.run else ()
        self.s |= self.run["initial"](*self.arguments(0.0)) if "initial" in self.run else {}
        self.act(asked, self.mechanism.initial_actions, None)
        for k, weights in enumerate(self.weights):
            if "receive_initial" in self.run:
                self.take(self.called("receive_initial", 0.0, k, 0.0), k)
            else:
                weights.update(dict.fromkeys(self.mechanism.weights[1:], 0.0))
        self.deliver(0.0)

    def called(self, name: str, t: float, connection: int | None, flag: float) -> Received:
        """Call ``receive`` or ``receive_initial``; an event of no connection has no weights."""
        held = self.weights[connection] if connection is not None else dict.fromkeys(self.mechanism.weights, math.nan)
        w = {weight: jnp.full((1,), value) for weight, value in held.items()}
        return self.run[name](*self.arguments(t), w, jnp.full((1,), flag))

    def take(self, received: Received, connection: int | None) -> None:
        """Store what an event changed."""
        updates = dict(received.updates)
        self.v = float(updates.pop("v")[0]) if "v" in updates else self.v
        self.s |= updates
        if connection is not None:
            self.weights[connection] |= {name: float(value[0]) for name, value in received.weights.items()}

    def act(self, asked: tuple[Action, ...], kinds: tuple[str, ...], connection: int | None) -> None:
        """Do what an event asks of the queue."""
        for kind, action in zip(kinds, asked, strict=True):
            if not bool(action.when[0]):
                continue
            time, flag = float(action.time[0]), float(action.flag[0])
            if kind == "send":
                waiting = self.send(time, connection, flag)
                self.movable = waiting if flag == 1.0 else self.movable
            elif kind == "event":
                self.spikes.append(time)
            elif self.movable is not None:
                self.queue.remove(self.movable)
                self.movable = self.send(time, self.movable.connection, self.movable.flag)

    def send(self, time: float, connection: int | None, flag: float) -> Waiting:
        """Put an event into the queue."""
        self.sent += 1
        waiting = Waiting(time, self.sent, connection, flag)
        insort(self.queue, waiting)
        return waiting

    def deliver(self, edge: float) -> None:
        """Deliver every event up to a time."""
        while self.queue and self.queue[0].time <= edge:
            event = self.queue.pop(0)
            self.movable = None if event.flag == 1.0 else self.movable
            received = self.called("receive", event.time, event.connection, event.flag)
            self.take(received, event.connection)
            self.act(received.actions, self.mechanism.actions, event.connection)
            self.arm(received)

    def value(self, k: int) -> float:
        """The value of a WATCH."""
        return float(self.watches[k](*self.arguments(self.t))[0])

    def arm(self, received: Received) -> None:
        """Arm what an event armed, in the place of what was armed before."""
        new = {k: float(one.flag[0]) for k, one in enumerate(received.armed) if bool(one.when[0])}
        self.armed = {k: (flag, self.value(k) >= ABOVE) for k, flag in new.items()} if new else self.armed

    def watch(self) -> None:
        """Send an event for each armed condition that has become true."""
        for k, (flag, held) in list(self.armed.items()):
            holds = self.value(k) > 0.0
            if holds and not held:
                self.send(self.t, None, flag)
            self.armed[k] = flag, holds

    def step(self, v: float) -> None:
        """One step; ``v`` is what NEURON has at its end, unless events alone change it."""
        self.watch()
        self.deliver(self.t + 0.5 * self.dt)
        for above in (() if self.mechanism.linear_in_v else (0.001,)) + (0.0,):  # for the slope, then at v
            if "current" in self.run:
                self.s |= self.run["current"](*self.arguments(self.t + 0.5 * self.dt, above))[1]
        self.v = v if self.mechanism.currents else self.v
        self.t = (self.t + 0.5 * self.dt) + 0.5 * self.dt
        if "advance" in self.run:
            self.s |= self.run["advance"](*self.arguments(self.t))
        self.deliver(self.t)

    def read(self, name: str) -> list[float]:
        """The values of a field."""
        value = self.s[name] if name in self.s else self.p[name]
        return [float(x) for x in np.ravel(value)]

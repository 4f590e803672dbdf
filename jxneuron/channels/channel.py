"""Channel: a membrane mechanism written by hand.

In: a class with default values and a few methods. Out: a ``Mechanism`` of the same form as a translated ``.mod`` file,
which is inserted, set, recorded and trained in the same way and runs through the same step.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp

from jxneuron.errors import ModelError
from jxneuron.ions import ion_names
from jxneuron.mech.broadcast import shaped
from jxneuron.mech.ion_names import ION_CURRENTS, ION_STATES
from jxneuron.mech.mechanism import Current, Field, IonUse, Mechanism, Pointer
from jxneuron.mech.python_mechanism import PythonMechanism, call, missing, require_shape, try_out

MILLI_PER_MICRO = 0.001  # (mA/cm2) per (uA/cm2)
# What ``params`` holds beside the channel's own: the compartment's shape
SHAPE = ("radius", "length", "axial_resistivity", "capacitance", "area")


class Channel(PythonMechanism):
    """A channel, pump or point neuron of one's own.

    A subclass sets ``current_is_in_mA_per_cm2``, calls ``super().__init__(name)``, and sets

    * ``channel_params`` and ``channel_states``: default values by name. A name that begins with ``f"{self.name}_"`` is
      the channel's own; any other (``vt``) is one value of the compartment, shared by all channels that name it. Among
      the states, ``cai`` (or ``CaCon_i``), ``cao``, ``eca``, ``ica`` (or ``i_Ca``) and their like of ``na`` and ``k``
      are the ion's.
    * ``current_name``: under which its current is recorded; ``i_Na``, ``i_K`` and ``i_Ca`` add to the ion's current.
    * ``current_is_in_mA_per_cm2``: True: ``compute_current`` returns mA/cm2; False: uA/cm2.

    and defines methods whose arguments may come in any order, and are called ``states``, ``dt`` or ``delta_t`` (ms),
    ``v`` or ``voltage`` (mV), ``params``:

    * ``update_states(states, dt, v, params)``: the states after one step, by name, with the new voltage. It may return
      ``v`` too, which then is the compartment's voltage (mV): how a point neuron is reset.
    * ``compute_current(states, v, params)``: the outward current density, with the old voltage and states.
    * ``init_state(states, v, params, dt)``: the states at rest at a voltage, for ``init_states()``; without it, or
      until then, states start from ``channel_states``.

    States and parameters are arrays, (compartments,); ``params`` also holds ``radius`` and ``length`` (um),
    ``axial_resistivity`` (ohm cm), ``capacitance`` (uF/cm2) and ``area`` (um2). ``states`` also holds the current of
    the last step under ``current_name``. In a step, currents come first, then the voltages are solved for, then the
    states advance, channels in the order in which they were inserted: NEURON's order (fadvance.cpp).

    Args:
        name: the prefix; None takes the name of the class.

    Raises:
        ModelError: (a ValueError) no unit is declared, a method is missing, or an argument has an unknown name.
    """

    channel_params: dict[str, Any]
    channel_states: dict[str, Any]
    current_name: str
    current_is_in_mA_per_cm2: bool

    _tables = ("channel_params", "channel_states")
    _methods = {  # noqa: RUF012
        "update_states": ("states", "dt", "v", "params"),
        "compute_current": ("states", "v", "params"),
        "init_state": ("states", "dt", "v", "params"),
    }

    @missing
    def update_states(self, states: Any, dt: Any, v: Any, params: Any) -> Any:
        """The states after one step of ``dt`` ms at the voltage ``v``, mV, by name."""

    @missing
    def compute_current(self, states: Any, v: Any, params: Any) -> Any:
        """The outward current density, mA/cm2 or uA/cm2 as ``current_is_in_mA_per_cm2`` says."""

    def init_state(self, states: Any, v: Any, params: Any, dt: Any) -> dict[str, Any]:
        """States at rest at the voltage ``v``, mV, by name."""
        del states, v, params, dt
        return {}

    def mechanism(self) -> Mechanism:
        """This channel in the form that every mechanism has; equal channels give the same one.

        Raises:
            ModelError: a method fails, or returns something else than the protocol says.
        """
        self._look_over()
        return mechanism_of(self.snapshot())

    def _look_over(self) -> None:
        unit = getattr(self, "current_is_in_mA_per_cm2", None)
        if not isinstance(unit, bool):
            raise ModelError(
                f"{type(self).__name__} does not say the unit of its current: set current_is_in_mA_per_cm2 to True if "
                "compute_current returns mA/cm2 (S/cm2 times mV), to False if it returns uA/cm2 (mS/cm2 times mV); "
                "taking one for the other is a factor of 1000"
            )
        super()._look_over()
        if not isinstance(getattr(self, "current_name", None), str) or not self.current_name:
            raise ModelError(f"{type(self).__name__}: current_name must be the name of its current")

    def _rename_rest(self, old: str, new_name: str) -> None:
        own = f"i_{old.removesuffix('_')}"
        if getattr(self, "current_name", None) == own:
            self.current_name = f"i_{new_name}"


@dataclass(frozen=True)
class _Names:
    """Which of a channel's names is whose."""

    own_params: dict[str, float]
    shared_params: dict[str, float]
    own_states: dict[str, float]
    shared_states: dict[str, float]
    ion_states: dict[str, tuple[str, str]]  # the class's name -> ion, NEURON's name
    concentrations: dict[str, float]  # NEURON's name -> what it starts with, mM

    @classmethod
    def of(cls, channel: Channel) -> _Names:
        prefix = f"{channel.name}_"
        params = {key: float(value) for key, value in channel.channel_params.items()}
        states = {key: float(value) for key, value in channel.channel_states.items()}
        ions = {key: ION_STATES[key] for key in states if key in ION_STATES}
        return cls(
            own_params={key: value for key, value in params.items() if key.startswith(prefix)},
            shared_params={key: value for key, value in params.items() if not key.startswith(prefix)},
            own_states={key: value for key, value in states.items() if key.startswith(prefix)},
            shared_states={
                key: value for key, value in states.items() if not key.startswith(prefix) and key not in ions
            },
            ion_states=ions,
            concentrations={to: states[key] for key, (ion, to) in ions.items() if to in ion_names(ion).concentrations},
        )


@functools.cache
def mechanism_of(channel: Channel) -> Mechanism:
    """The Mechanism of a channel that no longer changes.

    Raises:
        ModelError: a method fails, or returns something else than the protocol says.
    """
    names = _Names.of(channel)
    written, read, started = _examined(channel, names)
    ions = {**names.ion_states, **{name: ION_STATES[name] for name in read}}
    ion = ION_CURRENTS.get(channel.current_name, (None,))[0]
    unit = 1.0 if channel.current_is_in_mA_per_cm2 else MILLI_PER_MICRO

    def states(s: Mapping[str, Any], env: Mapping[str, Any]) -> dict[str, Any]:
        held = {name: s[name] for name in s if name in names.own_states or name == channel.current_name}
        return (
            held | {name: env[name] for name in names.shared_states} | {key: env[to] for key, (_, to) in ions.items()}
        )

    def params(p: Mapping[str, Any], env: Mapping[str, Any]) -> dict[str, Any]:
        shape = (env["diam"] / 2.0, env["length"], env["Ra"], env["cm"], env["area"])
        return {**p, **{name: env[name] for name in names.shared_params}, **dict(zip(SHAPE, shape, strict=True))}

    def stored(new: Mapping[str, Any]) -> dict[str, Any]:
        return {ions[name][1] if name in ions else name: value for name, value in new.items() if name in written}

    def initial(p: Any, s: Any, v: Any, env: Any) -> dict[str, Any]:
        given = states({**s, **names.own_states}, env)
        return shaped(
            v, s, call(channel, "init_state", states=_filled(given, v), v=v, params=params(p, env), dt=env["dt"])
        )

    def current(p: Any, s: Any, v: Any, env: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        found = call(channel, "compute_current", states=states(s, env), v=v, params=params(p, env))
        value = shaped(v, s, {channel.current_name: found})[channel.current_name] * unit
        return {channel.current_name: value}, ({} if ion else {channel.current_name: value})

    def advance(p: Any, s: Any, v: Any, env: Any) -> dict[str, Any]:
        new = call(channel, "update_states", states=states(s, env), dt=env["dt"], v=v, params=params(p, env))
        return shaped(v, s, stored(new))

    return Mechanism(
        name=channel.name,
        kind="density",
        fields=_fields(channel, names, ion),
        ions=_ion_uses(ions, ion, written, names.concentrations),
        currents=(Current(channel.current_name, ion=ion),),
        initial=initial,
        current=current,
        advance=advance if written else None,
        pointers=_pointers(names, (*written, *started)),
        initial_override=names.own_states,
        shared=_holders(names),
        made_by=(mechanism_of, (channel,)),
    )


def _filled(states: Mapping[str, Any], v: Any) -> dict[str, Any]:
    return {name: jnp.broadcast_to(jnp.asarray(value, v.dtype), v.shape) for name, value in states.items()}


def _examined(channel: Channel, names: _Names) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """What ``update_states`` gives new values, which ion variables are read beside those it declares, what starts.

    Raises:
        ModelError: a method fails, or returns something else than the protocol says.
    """
    own = [*channel.channel_states, *([] if channel.current_name in ION_CURRENTS else [channel.current_name])]
    params = [*channel.channel_params, *SHAPE]
    on_demand = [name for name in ION_STATES if name not in own]
    new, asked = try_out(channel, "update_states", own, params, on_demand)
    current, more = try_out(channel, "compute_current", own, params, on_demand)
    require_shape(channel, "compute_current", "the current", current)
    if isinstance(current, Mapping) or (hasattr(current, "__len__") and not hasattr(current, "shape")):
        raise ModelError(f"{type(channel).__name__}.compute_current returns {type(current).__name__}, not one array")
    _require_states(channel, "update_states", new, [*channel.channel_states, "v"])
    start, also = try_out(channel, "init_state", own, params, on_demand)
    _require_states(channel, "init_state", start, [*names.own_states, *names.shared_states])
    kept = [name for name in new if ION_STATES.get(name, ("", ""))[1] not in [to for _, to in ION_CURRENTS.values()]]
    return tuple(kept), tuple(dict.fromkeys((*asked, *more, *also))), tuple(start)


def _require_states(channel: Channel, method: str, found: Any, allowed: list[str]) -> None:
    what = f"{type(channel).__name__}.{method}"
    if not isinstance(found, Mapping):
        raise ModelError(f"{what} returns {type(found).__name__}, not a dictionary of states")
    for name, value in found.items():
        if name not in allowed:
            raise ModelError(f"{what} returns {name!r}, which is none of its states: {', '.join(allowed) or 'none'}")
        require_shape(channel, method, repr(name), value)


def _fields(channel: Channel, names: _Names, ion: str | None) -> tuple[Field, ...]:
    params = [
        Field(key, "parameter", "range", "p", default=value, whole=True) for key, value in names.own_params.items()
    ]
    states = [Field(key, "state", "range", "s", default=value, whole=True) for key, value in names.own_states.items()]
    current = [] if ion else [Field(channel.current_name, "assigned", "range", "s", unit="mA/cm2", whole=True)]
    return (*params, *states, *current)


def _ion_uses(
    ions: Mapping[str, tuple[str, str]], current: str | None, written: tuple[str, ...], start: Mapping[str, float]
) -> tuple[IonUse, ...]:
    used = dict.fromkeys([ion for ion, _ in ions.values()] + ([current] if current else []))
    return tuple(
        IonUse(
            ion,
            loads=tuple(dict.fromkeys(to for of, to in ions.values() if of == ion)),
            writes=tuple(to for key, (of, to) in ions.items() if of == ion and key in written),
            start=tuple((name, value) for name, value in start.items() if name in ion_names(ion).concentrations),
        )
        for ion in used
    )


def _pointers(names: _Names, written: tuple[str, ...]) -> tuple[Pointer, ...]:
    shared = [*names.shared_params, *names.shared_states]
    voltage = [Pointer("v", writes=True, to="voltage")] if "v" in written else []
    return (*(Pointer(name, name in written, "shared") for name in shared), *voltage)


def _holders(names: _Names) -> tuple[Mechanism, ...]:
    params = [holder(name, value, "p") for name, value in names.shared_params.items()]
    return (*params, *(holder(name, value, "s") for name, value in names.shared_states.items()))


@functools.cache
def holder(name: str, default: float, held: Any) -> Mechanism:
    """A mechanism that does nothing but hold one variable, which several channels of a compartment share."""
    field = Field(name, "parameter" if held == "p" else "state", "range", held, default=default, whole=True)
    given = {} if held == "p" else {name: default}
    return Mechanism(
        name=name, kind="density", fields=(field,), initial_override=given, made_by=(holder, (name, default, held))
    )

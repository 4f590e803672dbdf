"""Synapse: a current into one compartment that depends on the voltage of another, written by hand.

In: a class with default values and a few methods. Out: a ``Mechanism`` of the same form as a translated POINT_PROCESS
with a POINTER to the presynaptic voltage, which runs through the same step.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

from jxneuron.errors import ModelError
from jxneuron.mech.broadcast import shaped
from jxneuron.mech.mechanism import Current, Field, Mechanism, Pointer
from jxneuron.mech.python_mechanism import PythonMechanism, call, missing, require_shape, try_out

# What the mechanism calls the voltage of the presynaptic compartment
PRE_V = "pre_v"


class Synapse(PythonMechanism):
    """A graded synapse of one's own.

    A subclass calls ``super().__init__(name)`` and sets

    * ``synapse_params`` and ``synapse_states``: default values by name, which begins with ``f"{self.name}_"``;

    and defines methods whose arguments may come in any order, and are called ``states``, ``dt`` or ``delta_t`` (ms),
    ``pre_v`` or ``pre_voltage``, ``post_v`` or ``post_voltage`` (mV), ``params``:

    * ``update_states(states, dt, pre_v, post_v, params)``: the states after one step, by name, with the new voltages;
    * ``compute_current(states, pre_v, post_v, params)``: the current out of the postsynaptic compartment, nA, with the
      old voltages and states; recorded as ``i_<name>``;
    * ``init_state(states, pre_v, post_v, params, dt)``: the states at rest, for ``init_states()``; without it, or until
      then, states start from ``synapse_states``.

    States, parameters and voltages are arrays, (synapses of this type,). In a step, currents come first, then the
    voltages are solved for, then the states advance: NEURON's order (fadvance.cpp), as for a POINT_PROCESS whose
    POINTER shows the presynaptic voltage. The current is linearised in ``post_v`` alone, over 0.001 mV (nrn_lhs).

    Args:
        name: the prefix; None takes the name of the class.

    Raises:
        ModelError: (a ValueError) a method is missing, or an argument has an unknown name.
    """

    synapse_params: dict[str, Any]
    synapse_states: dict[str, Any]

    _tables = ("synapse_params", "synapse_states")
    _methods = {  # noqa: RUF012
        "update_states": ("states", "dt", "pre_v", "post_v", "params"),
        "compute_current": ("states", "pre_v", "post_v", "params"),
        "init_state": ("states", "dt", "pre_v", "post_v", "params"),
    }

    @missing
    def update_states(self, states: Any, dt: Any, pre_v: Any, post_v: Any, params: Any) -> Any:
        """The states after one step of ``dt`` ms, by name."""

    @missing
    def compute_current(self, states: Any, pre_v: Any, post_v: Any, params: Any) -> Any:
        """The current out of the postsynaptic compartment, nA."""

    def init_state(self, states: Any, pre_v: Any, post_v: Any, params: Any, dt: Any) -> dict[str, Any]:
        """States at rest at these voltages, mV, by name."""
        del states, pre_v, post_v, params, dt
        return {}

    def mechanism(self) -> Mechanism:
        """This synapse in the form that every mechanism has; equal synapses give the same one.

        Raises:
            ModelError: a method fails, or returns something else than the protocol says.
        """
        self._look_over()
        return mechanism_of(self.snapshot())


@functools.cache
def mechanism_of(synapse: Synapse) -> Mechanism:
    """The Mechanism of a synapse that no longer changes.

    Raises:
        ModelError: a method fails, or returns something else than the protocol says.
    """
    written = _examined(synapse)
    current_name = f"i_{synapse.name}"
    start = {key: float(value) for key, value in synapse.synapse_states.items()}

    def given(p: Any, s: Any, v: Any, env: Any) -> dict[str, Any]:
        states = {name: s[name] for name in start}
        return {"states": states, "pre_v": env[PRE_V], "post_v": v, "params": dict(p)}

    def initial(p: Any, s: Any, v: Any, env: Any) -> dict[str, Any]:
        at_rest = shaped(v, s, start)
        return shaped(v, s, call(synapse, "init_state", dt=env["dt"], **given(p, at_rest, v, env)))

    def current(p: Any, s: Any, v: Any, env: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        found = shaped(v, s, {current_name: call(synapse, "compute_current", **given(p, s, v, env))})
        return found, found

    def advance(p: Any, s: Any, v: Any, env: Any) -> dict[str, Any]:
        return shaped(v, s, call(synapse, "update_states", dt=env["dt"], **given(p, s, v, env)))

    return Mechanism(
        name=synapse.name,
        kind="point",
        fields=_fields(synapse, current_name),
        currents=(Current(current_name),),
        initial=initial,
        current=current,
        advance=advance if written else None,
        pointers=(Pointer(PRE_V),),
        initial_override=start,
        made_by=(mechanism_of, (synapse,)),
    )


def _fields(synapse: Synapse, current_name: str) -> tuple[Field, ...]:
    params = [
        Field(key, "parameter", "range", "p", default=float(value), whole=True)
        for key, value in synapse.synapse_params.items()
    ]
    states = [
        Field(key, "state", "range", "s", default=float(value), whole=True)
        for key, value in synapse.synapse_states.items()
    ]
    return (*params, *states, Field(current_name, "assigned", "range", "s", unit="nA", whole=True))


def _examined(synapse: Synapse) -> tuple[str, ...]:
    """The states that ``update_states`` gives new values.

    Raises:
        ModelError: a method fails, or returns something else than the protocol says.
    """
    states, params = list(synapse.synapse_states), list(synapse.synapse_params)
    current, _ = try_out(synapse, "compute_current", states, params)
    if isinstance(current, Mapping) or (hasattr(current, "__len__") and not hasattr(current, "shape")):
        raise ModelError(f"{type(synapse).__name__}.compute_current returns {type(current).__name__}, not one array")
    require_shape(synapse, "compute_current", "the current", current)
    found: dict[str, tuple[str, ...]] = {}
    for method in ("update_states", "init_state"):
        new, _ = try_out(synapse, method, states, params)
        _require_states(synapse, method, new)
        found[method] = tuple(new)
    return found["update_states"]


def _require_states(synapse: Synapse, method: str, found: Any) -> None:
    what, states = f"{type(synapse).__name__}.{method}", list(synapse.synapse_states)
    if not isinstance(found, Mapping):
        raise ModelError(f"{what} returns {type(found).__name__}, not a dictionary of states")
    for name, value in found.items():
        if name not in states:
            raise ModelError(f"{what} returns {name!r}, which is none of its states: {', '.join(states) or 'none'}")
        require_shape(synapse, method, repr(name), value)

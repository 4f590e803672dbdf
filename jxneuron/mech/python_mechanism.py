"""Mechanisms written as a Python class: their names, methods whose arguments are matched by name, and checks.

In: an instance of a class with dictionaries of defaults and a few methods. Out: what ``channels.Channel`` and
``synapses.Synapse`` need to make a ``Mechanism`` of it, or one ModelError that names every mistake of the class.
"""

from __future__ import annotations

import copy
import functools
import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any, ClassVar, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

from jxneuron.errors import ModelError

# By meaning: the names that an argument of a method may have
SPELLINGS = {
    "states": ("states", "state", "u"),
    "dt": ("dt", "delta_t"),
    "v": ("v", "voltage", "voltages"),
    "pre_v": ("pre_v", "pre_voltage", "pre_voltages"),
    "post_v": ("post_v", "post_voltage", "post_voltages"),
    "params": ("params", "parameters"),
}
_MEANING = {spelling: meaning for meaning, spellings in SPELLINGS.items() for spelling in spellings}
SOME = 3  # number of instances with which a method is tried out


class _CheckedAfterInit(type):
    """Checks a mechanism once its constructor has run, which may therefore declare things in any order."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        mechanism = super().__call__(*args, **kwargs)
        mechanism._look_over()
        return mechanism


Self = TypeVar("Self", bound="PythonMechanism")


class PythonMechanism(metaclass=_CheckedAfterInit):
    """A channel or synapse written in Python: it has a name, which prefixes its parameters and states.

    Args:
        name: the prefix; None takes the name of the class.
    """

    _tables: ClassVar[tuple[str, str]]  # attributes that hold the defaults of parameters and states
    _methods: ClassVar[dict[str, tuple[str, ...]]]  # by required method: what its arguments may mean

    def __init__(self, name: str | None = None) -> None:
        self._name = name or type(self).__name__

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "_name" not in vars(cls):
            cls._name = cls.__name__  # for classes that never call the constructor of their base

    @property
    def name(self) -> str:
        """The name of the mechanism in a module, and the prefix of its parameters and states."""
        return self._name

    def init(self: Self, name: str | None = None) -> Self:
        """Set the name, as ``change_name`` does; None keeps it. Return the mechanism itself."""
        return self if name is None else self.change_name(name)

    def change_name(self: Self, new_name: str) -> Self:
        """Change the name, and the prefix of parameters and states; return the mechanism itself.

        Raises:
            ModelError: the name is not an identifier.
        """
        if not (isinstance(new_name, str) and new_name.isidentifier()):
            raise ModelError(f"{new_name!r} cannot name a mechanism: it is no identifier")
        old, self._name = f"{self._name}_", new_name
        for table in self._tables:
            renamed = {_renamed(key, old, new_name): value for key, value in getattr(self, table).items()}
            setattr(self, table, renamed)
        self._rename_rest(old, new_name)
        return self

    def _rename_rest(self, old: str, new_name: str) -> None:
        """Rename what a subclass names outside its dictionaries."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and _are_equal(vars(self), vars(other))

    def __hash__(self) -> int:
        return hash((type(self), self._name))

    def _look_over(self) -> None:
        """Check the class.

        Raises:
            ModelError: names the class and every mistake.
        """
        complaints = [complaint for table in self._tables for complaint in self._table_complaints(table)]
        for method, meanings in self._methods.items():
            complaints += _method_complaints(self, method, meanings)
        if not str(self._name).isidentifier():
            complaints.append(f"{self._name!r} cannot name a mechanism: it is no identifier")
        if complaints:
            raise ModelError(f"{type(self).__name__}: " + "; ".join(complaints))

    def _table_complaints(self, table: str) -> list[str]:
        defaults = getattr(self, table, None)
        if not isinstance(defaults, dict):
            return [f"{table} must be a dictionary of names and default values"]
        return [
            f"{table}[{key!r}] = {value!r} is no number"
            for key, value in defaults.items()
            if not isinstance(key, str) or not _is_number(value)
        ]

    def snapshot(self: Self) -> Self:
        """Return a copy, which later changes of this instance do not change."""
        return copy.deepcopy(self)


def _renamed(key: str, old: str, new_name: str) -> str:
    return f"{new_name}_{key.removeprefix(old)}" if key.startswith(old) else key


def _is_number(value: Any) -> bool:
    try:
        return np.ndim(value) == 0 and bool(np.isfinite(float(value)))
    except (TypeError, ValueError):
        return False


def _are_equal(one: Any, other: Any) -> bool:
    if isinstance(one, dict) or isinstance(other, dict):
        alike = type(one) is type(other) and one.keys() == other.keys()
        return alike and all(_are_equal(one[key], other[key]) for key in one)
    if isinstance(one, (np.ndarray, jax.Array)) or isinstance(other, (np.ndarray, jax.Array)):
        return np.shape(one) == np.shape(other) and bool(np.array_equal(np.asarray(one), np.asarray(other)))
    return type(one) is type(other) and bool(one == other)


def _method_complaints(owner: PythonMechanism, method: str, meanings: tuple[str, ...]) -> list[str]:
    function = getattr(owner, method, None)
    if function is None or getattr(function, "is_missing", False):
        return [f"the method {method} is missing"]
    known = [spelling for meaning in meanings for spelling in SPELLINGS[meaning]]
    return [
        f"{method} has an argument {argument.name!r}: the arguments are called {', '.join(known)}"
        for argument in inspect.signature(function).parameters.values()
        if _is_passed(argument) and _MEANING.get(argument.name) not in meanings
    ]


def _is_passed(parameter: inspect.Parameter) -> bool:
    """Return whether ``call`` passes an argument: not ``*args``, ``**kwargs`` or other names with a default."""
    named = parameter.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return named and (parameter.default is inspect.Parameter.empty or parameter.name in _MEANING)


def missing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Mark a method of a base class that every subclass must define."""
    function.is_missing = True  # type: ignore[attr-defined]
    return function


@functools.lru_cache(maxsize=4096)
def _passed_arguments(owner: type, method: str) -> tuple[tuple[str, str, bool], ...]:
    """Return, for each argument that is passed to a method, its name, its meaning and whether it goes by keyword."""
    parameters = list(inspect.signature(getattr(owner, method)).parameters.values())
    if not isinstance(inspect.getattr_static(owner, method), (staticmethod, classmethod)):
        parameters = parameters[1:]
    return tuple(
        (argument.name, _MEANING[argument.name], argument.kind is not inspect.Parameter.POSITIONAL_ONLY)
        for argument in parameters
        if _is_passed(argument)
    )


def call(owner: PythonMechanism, method: str, **values: Any) -> Any:
    """Call a method with values by meaning, whatever the order and the spelling of its arguments.

    Args:
        owner: the mechanism.
        method: the name of its method.
        values: by meaning, a key of ``SPELLINGS``.

    Raises:
        ModelError: the method fails; it names the method.
    """
    arguments = _passed_arguments(type(owner), method)
    positional = [values[meaning] for _, meaning, by_keyword in arguments if not by_keyword]
    named = {name: values[meaning] for name, meaning, by_keyword in arguments if by_keyword}
    try:
        return getattr(owner, method)(*positional, **named)
    except ModelError:
        raise
    except Exception as error:
        what = f"there is no {error}" if isinstance(error, KeyError) else f"{type(error).__name__}: {error}"
        have = _names(values) if isinstance(error, KeyError) else ""
        raise ModelError(f"{type(owner).__name__}.{method} fails: {what}{have}") from error


def _names(values: Mapping[str, Any]) -> str:
    return "".join(
        f"; {kind} are {', '.join(values[kind]) or 'none'}"
        for kind in ("states", "params")
        if isinstance(values.get(kind), Mapping)
    )


class _RecordedStates(dict[str, Any]):
    """A dictionary of states which also has some names on demand, and remembers those that were asked for."""

    def __init__(self, values: Mapping[str, Any], on_demand: Collection[str]) -> None:
        super().__init__(values)
        self._on_demand = on_demand
        self.asked: list[str] = []

    def __missing__(self, name: str) -> Any:
        if name not in self._on_demand:
            raise KeyError(name)
        self.asked.append(name)
        return jnp.zeros(SOME)


def try_out(
    owner: PythonMechanism,
    method: str,
    states: Collection[str],
    params: Collection[str],
    on_demand: Collection[str] = (),
) -> tuple[Any, tuple[str, ...]]:
    """Run a method on abstract values of ``SOME`` instances.

    Args:
        owner: the mechanism.
        method: the name of its method.
        states: names of its states.
        params: names of its parameters.
        on_demand: names of other states that it may use.

    Returns:
        The abstract values that the method returns, and the names on demand that it used.

    Raises:
        ModelError: the method fails, or returns what JAX cannot trace.
    """
    one = jax.ShapeDtypeStruct((SOME,), jnp.result_type(float))
    others = {meaning: one for meaning in SPELLINGS if meaning not in ("states", "params", "dt")}
    dt = jax.ShapeDtypeStruct((), one.dtype)
    asked: list[str] = []

    def run(values: dict[str, Any]) -> Any:
        recorded = _RecordedStates(values.pop("states"), on_demand)
        try:
            return call(owner, method, states=recorded, **values)
        finally:
            asked.extend(recorded.asked)

    values = {"states": dict.fromkeys(states, one), "params": dict.fromkeys(params, one), "dt": dt, **others}
    try:
        return jax.eval_shape(run, values), tuple(dict.fromkeys(asked))
    except TypeError as error:
        raise ModelError(f"{type(owner).__name__}.{method} returns something that is not made of arrays") from error


def require_shape(owner: PythonMechanism, method: str, name: str, value: Any) -> None:
    """Refuse a value that a method returns unless it is one for each instance, or one for all.

    Raises:
        ModelError: the value has another shape.
    """
    shape = np.shape(value) if not hasattr(value, "shape") else value.shape
    if shape not in ((), (1,), (SOME,)):
        raise ModelError(
            f"{type(owner).__name__}.{method}: {name} has shape {shape} for {SOME} instances; it must have one value "
            "for each"
        )

"""Mechanisms written by hand as a Python class: names, methods matched by argument names, and checks.

In: an instance of a class with dictionaries of defaults and a few methods. Out: what ``channels.Channel`` and
``synapses.Synapse`` need to make a ``Mechanism`` of it; every mistake of the class is one ModelError that names it.
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

# What an argument of a method may be called, and what it then is
SPELLINGS = {
    "states": ("states", "state", "u"),
    "dt": ("dt", "delta_t"),
    "v": ("v", "voltage", "voltages"),
    "pre_v": ("pre_v", "pre_voltage", "pre_voltages"),
    "post_v": ("post_v", "post_voltage", "post_voltages"),
    "params": ("params", "parameters"),
}
_MEANING = {spelling: meaning for meaning, spellings in SPELLINGS.items() for spelling in spellings}
SOME = 3  # instances with which a method is tried out


class _CheckedWhenMade(type):
    """Looks a mechanism over once its constructor has run: the constructor may declare things in any order."""

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        made = super().__call__(*args, **kwargs)
        made._look_over()
        return made


Self = TypeVar("Self", bound="PythonMechanism")


class PythonMechanism(metaclass=_CheckedWhenMade):
    """What hand-written channels and synapses have in common: a name, and parameters and states prefixed with it.

    Args:
        name: the prefix; None takes the name of the class.
    """

    _tables: ClassVar[tuple[str, str]]  # attributes that hold the defaults of parameters and states
    _methods: ClassVar[dict[str, tuple[str, ...]]]  # required method -> what its arguments may mean

    def __init__(self, name: str | None = None) -> None:
        self._name = name or type(self).__name__

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        if "_name" not in vars(cls):
            cls._name = cls.__name__  # for classes that never call the constructor of their base

    @property
    def name(self) -> str:
        """What the mechanism is called in a module, and what its parameters and states are prefixed with."""
        return self._name

    def init(self: Self, name: str | None = None) -> Self:
        """Set the name, as ``change_name``; None leaves it. Returns the mechanism itself."""
        return self if name is None else self.change_name(name)

    def change_name(self: Self, new_name: str) -> Self:
        """Give the mechanism another name and its parameters and states another prefix; returns the mechanism itself.

        Raises:
            ModelError: the name is no identifier.
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
        """For names beside the tables."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and _same(vars(self), vars(other))

    def __hash__(self) -> int:
        return hash((type(self), self._name))

    def _look_over(self) -> None:
        """Everything that is wrong with the class, at once.

        Raises:
            ModelError: naming the class and each mistake.
        """
        complaints = [each for table in self._tables for each in self._table_complaints(table)]
        for method, meanings in self._methods.items():
            complaints += _method_complaints(self, method, meanings)
        if not str(self._name).isidentifier():
            complaints.append(f"{self._name!r} cannot name a mechanism: it is no identifier")
        if complaints:
            raise ModelError(f"{type(self).__name__}: " + "; ".join(complaints))

    def _table_complaints(self, table: str) -> list[str]:
        found = getattr(self, table, None)
        if not isinstance(found, dict):
            return [f"{table} must be a dictionary of names and default values"]
        return [
            f"{table}[{key!r}] = {value!r} is no number"
            for key, value in found.items()
            if not isinstance(key, str) or not _is_number(value)
        ]

    def snapshot(self: Self) -> Self:
        """A copy that later changes of this instance do not reach."""
        return copy.deepcopy(self)


def _renamed(key: str, old: str, new_name: str) -> str:
    return f"{new_name}_{key.removeprefix(old)}" if key.startswith(old) else key


def _is_number(value: Any) -> bool:
    try:
        return np.ndim(value) == 0 and bool(np.isfinite(float(value)))
    except (TypeError, ValueError):
        return False


def _same(one: Any, other: Any) -> bool:
    if isinstance(one, dict) or isinstance(other, dict):
        alike = type(one) is type(other) and one.keys() == other.keys()
        return alike and all(_same(one[key], other[key]) for key in one)
    if isinstance(one, (np.ndarray, jax.Array)) or isinstance(other, (np.ndarray, jax.Array)):
        return np.shape(one) == np.shape(other) and bool(np.array_equal(np.asarray(one), np.asarray(other)))
    return type(one) is type(other) and bool(one == other)


def _method_complaints(owner: PythonMechanism, method: str, meanings: tuple[str, ...]) -> list[str]:
    function = getattr(owner, method, None)
    if function is None or getattr(function, "is_missing", False):
        return [f"the method {method} is missing"]
    known = [spelling for meaning in meanings for spelling in SPELLINGS[meaning]]
    return [
        f"{method} has an argument {each.name!r}: the arguments are called {', '.join(known)}"
        for each in inspect.signature(function).parameters.values()
        if _counts(each) and _MEANING.get(each.name) not in meanings
    ]


def _counts(parameter: inspect.Parameter) -> bool:
    """Arguments that the caller must give: those with a default and ``*args``, ``**kwargs`` need not."""
    named = parameter.kind not in (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return named and (parameter.default is inspect.Parameter.empty or parameter.name in _MEANING)


def missing(function: Callable[..., Any]) -> Callable[..., Any]:
    """Marks a method of a base class that each class must define itself."""
    function.is_missing = True  # type: ignore[attr-defined]
    return function


@functools.lru_cache(maxsize=4096)
def _wanted(owner: type, method: str) -> tuple[tuple[str, str, bool], ...]:
    """Name, meaning and whether by keyword of each argument that the method takes."""
    parameters = list(inspect.signature(getattr(owner, method)).parameters.values())
    if not isinstance(inspect.getattr_static(owner, method), (staticmethod, classmethod)):
        parameters = parameters[1:]
    return tuple(
        (each.name, _MEANING[each.name], each.kind is not inspect.Parameter.POSITIONAL_ONLY)
        for each in parameters
        if _counts(each)
    )


def call(owner: PythonMechanism, method: str, **values: Any) -> Any:
    """Call a method with what its arguments mean, in whatever order and spelling they stand.

    Raises:
        ModelError: the method fails; names it.
    """
    wanted = _wanted(type(owner), method)
    positional = [values[meaning] for _, meaning, by_keyword in wanted if not by_keyword]
    named = {name: values[meaning] for name, meaning, by_keyword in wanted if by_keyword}
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


class _Watched(dict[str, Any]):
    """States that also has some names on demand, and remembers which were asked for."""

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
    """Run a method on abstract values, SOME instances each.

    Args:
        owner: the mechanism.
        method: its method.
        states: names of states.
        params: names of parameters.
        on_demand: names of states that it may ask for beside its own.

    Returns:
        The shapes of what the method gives, and the names on demand that it asked for.

    Raises:
        ModelError: the method fails, or returns what JAX cannot trace.
    """
    one = jax.ShapeDtypeStruct((SOME,), jnp.result_type(float))
    others = {meaning: one for meaning in SPELLINGS if meaning not in ("states", "params", "dt")}
    dt = jax.ShapeDtypeStruct((), one.dtype)
    asked: list[str] = []

    def run(given: dict[str, Any]) -> Any:
        watched = _Watched(given.pop("states"), on_demand)
        try:
            return call(owner, method, states=watched, **given)
        finally:
            asked.extend(watched.asked)

    given = {"states": dict.fromkeys(states, one), "params": dict.fromkeys(params, one), "dt": dt, **others}
    try:
        return jax.eval_shape(run, given), tuple(dict.fromkeys(asked))
    except TypeError as error:
        raise ModelError(f"{type(owner).__name__}.{method} returns something that holds no arrays") from error


def require_shape(owner: PythonMechanism, method: str, name: str, found: Any) -> None:
    """One value for each instance, or one for all.

    Raises:
        ModelError: a value of another shape.
    """
    shape = np.shape(found) if not hasattr(found, "shape") else found.shape
    if shape not in ((), (1,), (SOME,)):
        raise ModelError(
            f"{type(owner).__name__}.{method}: {name} has shape {shape} for {SOME} instances; it must have one value "
            "for each"
        )

"""What a mechanism is: a table of fields and four pure functions.

Generated and hand-written mechanisms have this one form. All functions are elementwise over the
instances of the mechanism: arrays have shape ``(instance,)``, state arrays ``(size, instance)``,
globals ``()``.

``p``    parameters: every field whose ``held`` is ``"p"``; never written.
``s``    what the mechanism's code writes and keeps: every field whose ``held`` is ``"s"``.
``v``    mV, ``(instance,)``, the voltage of each instance's node.
``env``  ``t`` ms, ``dt`` ms, ``celsius`` degC, ``diam`` um, ``area`` um2, ``secondorder`` (a Python int),
         ``tables`` (what ``tables`` returned, or None when the model runs with usetable 0) and the ion
         variables named in ``IonUse.loads``, under their NMODL names.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """One variable of a mechanism.

    Attributes:
        name: NEURON's name without the suffix (``gnabar``, not ``gnabar_hh``).
        role: the NMODL block that declares it.
        scope: ``range`` is seen from NEURON as ``name_suffix`` on a segment (``.name`` of a point
            process), ``global`` as ``h.name_suffix``; ``instance`` (an ASSIGNED without RANGE) and
            ``file`` (LOCAL at file scope) cannot be seen from NEURON.
        held: ``p``, ``s``, or ``none`` for a value that lives inside one function only.
        unit: the NMODL unit, without brackets; "" where the file gives none.
        default: value in a fresh NEURON process.
        size: 0 for a scalar, n for an array of n.
        lower, upper: limits of a PARAMETER, None where not given.
    """

    name: str
    role: Literal["parameter", "assigned", "state"]
    scope: Literal["range", "global", "instance", "file"]
    held: Literal["p", "s", "none"]
    unit: str = ""
    default: float = 0.0
    size: int = 0
    lower: float | None = None
    upper: float | None = None

    @property
    def per_instance(self) -> bool:
        """True where each instance has a value of its own."""
        return self.scope in ("range", "instance")


@dataclass(frozen=True)
class IonUse:
    """``USEION name``: which of ``ename, namei, nameo, iname`` the code sees and changes.

    Attributes:
        name: the ion (``ca``).
        loads: variables copied from the ion before each function runs (into ``env``): those that are
            READ, and every concentration that is written. ``iname`` is the ion's total current.
        writes: concentrations (and reversal) that are stored back into the ion after ``initial`` and
            ``advance``; written currents stand in ``Mechanism.currents``.
        valence: the VALENCE given, else None.
    """

    name: str
    loads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    valence: float | None = None


@dataclass(frozen=True)
class Current:
    """A current that BREAKPOINT sets: mA/cm2 (density) or nA (point process).

    ``ion`` is None for NONSPECIFIC_CURRENT; ``electrode`` is True for ELECTRODE_CURRENT, which counts
    with the opposite sign.
    """

    name: str
    ion: str | None = None
    electrode: bool = False


@dataclass(frozen=True, eq=False)
class Mechanism:
    """A channel, pump or point process.

    Attributes:
        name: the SUFFIX or the name of the POINT_PROCESS.
        kind: ``density`` or ``point``.
        currents: in the order in which NEURON adds them up.
        initial: ``(p, s, v, env) -> updates``: INITIAL, STATEs first set to their START values. Updates are
            fields of ``s`` and variables of ``IonUse.writes``.
        current: ``(p, s, v, env) -> (currents by name, updates)``: the BREAKPOINT statements, or None where
            the mechanism has no currents (its BREAKPOINT statements then are part of ``advance``).
        advance: ``(p, s, v, env) -> updates``: every SOLVE over one dt with the new v, or None.
        tables: ``(p, env) -> {name: array}``: TABLEs at the present parameters, with ``celsius`` and ``dt`` in ``env``;
            None without TABLE.
        linear_in_v: True where each current is proved linear in v, and running BREAKPOINT once instead
            of twice leaves the same values behind.
    """

    name: str
    kind: Literal["density", "point"]
    fields: tuple[Field, ...] = ()
    ions: tuple[IonUse, ...] = ()
    currents: tuple[Current, ...] = ()
    initial: Callable[[Values, Values, Any, Values], Values] | None = None
    current: Callable[[Values, Values, Any, Values], tuple[Values, Values]] | None = None
    advance: Callable[[Values, Values, Any, Values], Values] | None = None
    tables: Callable[[Values, Values], Values] | None = None
    linear_in_v: bool = False

    @property
    def by_name(self) -> dict[str, Field]:
        """Fields by their NEURON name."""
        return {field.name: field for field in self.fields}

    def held(self, where: Literal["p", "s"]) -> tuple[Field, ...]:
        """The fields that stand in ``p`` or in ``s``."""
        return tuple(field for field in self.fields if field.held == where)

    @property
    def writes_concentration(self) -> bool:
        """True where the code writes a concentration; a reversal potential alone does not count."""
        return any(name != f"e{use.name}" for use in self.ions for name in use.writes)

"""Names of sections that do not change from run to run, and the groups that users know.

In: a live session. Out: names and groups by section index.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

REMOVED = "jxneuron_removed"
UNNAMED = "__nrnsec_"  # and an address: what NEURON calls a section without a name
OBJECT = 2  # what name_declared says of an objref
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
_INDEX = re.compile(r"\[\d+\]$")


def sections(h: Any) -> list[Any]:
    """Every section that belongs to the model, in NEURON's order (``allsec``)."""
    return [section for section in h.allsec() if not is_removed(section)]


def is_removed(section: Any) -> bool:
    """Whether a section only holds what was taken out of the model."""
    return section.name() == REMOVED


def section_names(h: Any) -> list[str]:
    """One name for each section of ``h.allsec()``, the same in every run, all different.

    NEURON's own name, except: the sections of a Python cell whose name holds a memory address or is not its own
    become ``Cell[0].soma``, counted per class in order of appearance; a section without a name is called as the
    attribute of its cell that holds it (``Cell[0].dend[3]``), else ``section``; the second section of one name gets
    ``#1``, the third ``#2``.
    """
    everything = list(h.allsec())
    cells = _cell_names(everything)
    names = [_own_name(section, cells) for section in everything]
    return list(_distinct(names))


def _own_name(section: Any, cells: Mapping[Any, str]) -> str:
    name = section.name()
    cell = section.cell() if section.is_pysec() else None
    if name.startswith(UNNAMED):
        own = "section" if cell is None else _attribute(cell, section)
    else:
        own = name if cell is None else _last(name, str(cell))
    return own if cell is None else f"{cells[_key(cell)]}.{own}"


def _attribute(cell: Any, section: Any) -> str:
    """The attribute of a cell that holds a section, ``soma`` or ``dend[3]``; ``section`` where none does."""
    for name, held in getattr(cell, "__dict__", {}).items():
        listed = held if isinstance(held, (list, tuple)) else [held]
        for k, each in enumerate(listed):
            if type(each) is type(section) and each == section:
                return name if listed is not held else f"{name}[{k}]"
    return "section"


def _key(cell: Any) -> Any:
    """What tells cells apart: hoc objects are wrapped anew at each call, but their names are theirs alone."""
    return str(cell) if hasattr(cell, "hname") else id(cell)


def _last(name: str, prefix: str) -> str:
    return name[len(prefix) + 1 :] if name.startswith(f"{prefix}.") else name.rsplit(".", 1)[-1]


def _cell_names(everything: Iterable[Any]) -> dict[Any, str]:
    """Names of the Python cells by key: their own where it is theirs alone and holds no address."""
    cells = {_key(cell): cell for section in everything if section.is_pysec() and (cell := section.cell()) is not None}
    uses = Counter(str(cell) for cell in cells.values())
    counts: Counter[str] = Counter()
    names = {}
    for key, cell in cells.items():
        kind = type(cell).__name__
        own = str(cell)
        names[key] = own if uses[own] == 1 and not _ADDRESS.search(own) else f"{kind}[{counts[kind]}]"
        counts[kind] += 1
    return names


def _distinct(names: Iterable[str]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for name in names:
        yield f"{name}#{seen[name]}" if seen[name] else name
        seen[name] += 1


def groups(h: Any, members: Sequence[Any], names: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Sections by the names that users give them: name stems (``dend`` of ``dend[3]``) and SectionLists.

    SectionLists, and Python lists of sections, are found as public attributes of cells (``apical``), and SectionLists
    at the top level; cells of one class or template share a group.

    Args:
        h: the session.
        members: the model's sections.
        names: their names.
    """
    index = {section: i for i, section in enumerate(members)}
    found: dict[str, set[int]] = {}
    for i, name in enumerate(names):
        found.setdefault(_INDEX.sub("", name.rsplit(".", 1)[-1].split("#")[0]), set()).add(i)
    for name, listed in _lists(h, members):
        inside = {index[section] for section in listed if section in index}
        if inside:
            found.setdefault(name, set()).update(inside)
    return {name: tuple(sorted(found[name])) for name in sorted(found)}


def _lists(h: Any, members: Iterable[Any]) -> Iterator[tuple[str, list[Any]]]:
    cells = {_key(cell): cell for section in members if (cell := section.cell()) is not None}
    lists = h.List("SectionList").count() > 0
    for cell in cells.values():
        if not hasattr(cell, "hname"):
            yield from _attributes(cell, getattr(cell, "__dict__", ()))
        elif lists:
            yield from _attributes(cell, dir(cell))
    if lists:  # objects only: NEURON ends the process that asks for a section which was deleted
        yield from _attributes(h, [name for name in dir(h) if h.name_declared(name) == OBJECT])


def _attributes(owner: Any, names: Iterable[str]) -> Iterator[tuple[str, list[Any]]]:
    for name in names:
        if not name.startswith("_"):
            try:
                listed = _as_sections(getattr(owner, name))
            except Exception:
                continue
            if listed:
                yield name, listed


def _as_sections(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return list(value) if all(type(each).__name__ == "Section" for each in value) else []
    return list(value) if type(value).__name__ == "SectionList" else []

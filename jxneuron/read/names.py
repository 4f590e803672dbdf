"""Names of sections that do not change from run to run, and the groups that users know.

In: a live session. Out: names and groups of the model's sections.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

REMOVED = "jxneuron_removed"
UNNAMED = "__nrnsec_"  # NEURON's name for a section without one, an address after it
OBJECT = 2  # the answer of name_declared for an objref
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,}\b")
_INDEX = re.compile(r"\[\d+\]$")


def model_sections(h: Any) -> list[Any]:
    """Return every section that belongs to the model, in NEURON's order (``allsec``)."""
    return [section for section in h.allsec() if not is_removed(section)]


def is_removed(section: Any) -> bool:
    """Return whether a section only holds the point processes that were taken out of the model."""
    return section.name() == REMOVED


def name_sections(h: Any) -> list[str]:
    """Return one name for each section of ``h.allsec()``, the same in every run, all different.

    They are NEURON's own names, with three exceptions. Sections of a Python cell whose name holds a memory address, or
    is that of another cell too, become ``Cell[0].soma``, counted per class in order of appearance. A section without a
    name gets that of the attribute of its cell which holds it (``Cell[0].dend[3]``), else ``section``. The second
    section of one name gets ``#1``, the third ``#2``.
    """
    sections = list(h.allsec())
    cells = _name_cells(sections)
    names = [_own_name(section, cells) for section in sections]
    return list(distinct(names))


def _own_name(section: Any, cells: Mapping[Any, str]) -> str:
    name = section.name()
    cell = section.cell() if section.is_pysec() else None
    if name.startswith(UNNAMED):
        own = "section" if cell is None else _find_attribute(cell, section)
    else:
        own = name if cell is None else _last(name, str(cell))
    return own if cell is None else f"{cells[_key(cell)]}.{own}"


def _find_attribute(cell: Any, section: Any) -> str:
    """Return the attribute of a cell that holds a section, ``soma`` or ``dend[3]``; ``section`` where none does."""
    for name, value in getattr(cell, "__dict__", {}).items():
        is_list = isinstance(value, (list, tuple))
        for k, element in enumerate(value if is_list else [value]):
            if type(element) is type(section) and element == section:
                return f"{name}[{k}]" if is_list else name
    return "section"


def _key(cell: Any) -> Any:
    """Return what identifies a cell: Python wraps a hoc object anew at each call, but its name is unique."""
    return str(cell) if hasattr(cell, "hname") else id(cell)


def _last(name: str, prefix: str) -> str:
    return name[len(prefix) + 1 :] if name.startswith(f"{prefix}.") else name.rsplit(".", 1)[-1]


def _name_cells(sections: Iterable[Any]) -> dict[Any, str]:
    """Return names of the Python cells by key: their own where it is unique and holds no address."""
    cells = {_key(cell): cell for section in sections if section.is_pysec() and (cell := section.cell()) is not None}
    uses = Counter(str(cell) for cell in cells.values())
    counts: Counter[str] = Counter()
    names = {}
    for key, cell in cells.items():
        kind = type(cell).__name__
        own = str(cell)
        names[key] = own if uses[own] == 1 and not _ADDRESS.search(own) else f"{kind}[{counts[kind]}]"
        counts[kind] += 1
    return names


def distinct(names: Iterable[str]) -> Iterator[str]:
    """Give each name, the second of the same with ``#1``, the third with ``#2``."""
    seen: Counter[str] = Counter()
    for name in names:
        yield f"{name}#{seen[name]}" if seen[name] else name
        seen[name] += 1


def find_groups(h: Any, members: Sequence[Any], names: Sequence[str]) -> dict[str, tuple[int, ...]]:
    """Group sections by the names that users have for them: stems (``dend`` of ``dend[3]``) and SectionLists.

    SectionLists, and Python lists of sections, are looked for among the public attributes of cells (``apical``), and
    SectionLists at the top level too. Cells of one class or template share a group.

    Args:
        h: the session.
        members: the model's sections.
        names: their names.
    """
    index = {section: i for i, section in enumerate(members)}
    groups: dict[str, set[int]] = {}
    for i, name in enumerate(names):
        groups.setdefault(_INDEX.sub("", name.rsplit(".", 1)[-1].split("#")[0]), set()).add(i)
    for name, sections in _find_lists(h, members):
        inside = {index[section] for section in sections if section in index}
        if inside:
            groups.setdefault(name, set()).update(inside)
    return {name: tuple(sorted(groups[name])) for name in sorted(groups)}


def _find_lists(h: Any, members: Iterable[Any]) -> Iterator[tuple[str, list[Any]]]:
    cells = {_key(cell): cell for section in members if (cell := section.cell()) is not None}
    lists = h.List("SectionList").count() > 0
    for cell in cells.values():
        if not hasattr(cell, "hname"):
            yield from _lists_of(cell, getattr(cell, "__dict__", ()))
        elif lists:
            yield from _lists_of(cell, dir(cell))
    if lists:  # objects only: asking for a section that was deleted ends the process
        yield from _lists_of(h, [name for name in dir(h) if h.name_declared(name) == OBJECT])


def _lists_of(owner: Any, names: Iterable[str]) -> Iterator[tuple[str, list[Any]]]:
    for name in names:
        if not name.startswith("_"):
            try:
                sections = _as_sections(getattr(owner, name))
            except Exception:
                continue
            if sections:
                yield name, sections


def _as_sections(value: Any) -> list[Any]:
    if isinstance(value, (list, tuple)):
        return list(value) if all(type(element).__name__ == "Section" for element in value) else []
    return list(value) if type(value).__name__ == "SectionList" else []

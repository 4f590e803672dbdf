"""What a module says of itself, in a line and as HTML for a notebook.

In: a module or view. Out: text.
"""

from __future__ import annotations

import html as markup
from typing import Any

import numpy as np

from jxneuron.wording import listed

SHOWN = 12  # mechanisms and groups that are written out


def line(module: Any) -> str:
    """``Cell(1 cell, 2 branches, 6 compartments; hh; 1 recording, 1 stimulus)``; a view says of what it is one."""
    said = [each for name, each in parts(module) if name != "groups"]
    return f"{title(module)}({'; '.join(said)})"


def html(module: Any) -> str:
    """The same as a small table, groups too."""
    rows = "".join(
        f"<tr><th style='text-align:left'>{name}</th><td style='text-align:left'>{markup.escape(said)}</td></tr>"
        for name, said in parts(module)
    )
    return f"<table><caption style='text-align:left'><b>{title(module)}</b></caption>{rows}</table>"


def title(module: Any) -> str:
    """The class, or of which class it is a view."""
    return type(module).__name__ if module.base is module else f"View of {type(module.base).__name__}"


def parts(module: Any) -> list[tuple[str, str]]:
    """What there is, by kind: size, mechanisms, groups, what is recorded, injected, clamped and trained."""
    cells, branches, comps = module._counts()
    size = ", ".join([many(cells, "cell"), many(branches, "branch"), many(comps, "compartment")])
    size = ", ".join([*module._before_size(), size])
    found = [("size", size), ("mechanisms", _some(mechanisms(module)) or "no mechanisms")]
    groups = [name for name, members in module._core.groups.items() if members[module._visible()].any()]
    if groups:
        found.append(("groups", _some(groups)))
    counts = [many(count, what) for what, count in inputs(module).items() if count]
    return [*found, ("in runs", ", ".join(counts))] if counts else found


def mechanisms(module: Any) -> list[str]:
    """Mechanisms of these compartments, point processes with how many there are."""
    whole, found = module.base is module, []
    for each in module.model.placements:
        here = int(module._among(each).sum())
        count = f" ({here})" if each.kind == "point" else ""
        if (here or whole) and not module._core.mechanisms[each.mechanism].only_shares:
            found.append(each.mechanism + count)
    return found


def inputs(module: Any) -> dict[str, int]:
    """How many recordings, stimuli, clamps and trainable parameters act on these compartments and synapses."""
    core, whole = module._core, module.base is module
    probes = [each for each in core.model.probes if whole or module._recorded_here(each)]
    acting = {
        kind: sum(int(module._acts_here(each).sum()) for each in core.inputs if (each.key == "i") == is_current)
        for kind, is_current in (("stimulus", True), ("clamp", False))
    }
    count = sum(len(each.values) if whole else _groups_here(module, each) for each in core.trainables)
    return {"recording": len(probes), **acting, "trainable parameter": count}


def _groups_here(module: Any, trainable: Any) -> int:
    return len(np.unique(trainable.group[module._trained_here(trainable)]))


def _some(names: list[str]) -> str:
    return listed(names, SHOWN)


def many(count: int, what: str) -> str:
    """``1 branch``, ``2 branches``."""
    plural = {"branch": "branches", "stimulus": "stimuli"}.get(what, f"{what}s")
    return f"{count} {what if count == 1 else plural}"

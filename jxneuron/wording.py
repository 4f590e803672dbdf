"""Parts of messages: near matches of a name, and lists that are cut short."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence


def near_matches(name: str, known: Iterable[str], *, cutoff: float = 0.5) -> list[str]:
    """Return up to three known names that are spelled like this one, the nearest first."""
    return difflib.get_close_matches(name, list(dict.fromkeys(known)), n=3, cutoff=cutoff)


def did_you_mean(name: str, known: Iterable[str], otherwise: str = "") -> str:
    """Return the end of an error message about a name: ``; did you mean soma, soma2?``.

    Args:
        name: the name that is not known.
        known: the names that are.
        otherwise: what to say where none of them is near; nothing by default.
    """
    matches = near_matches(name, known)
    hint = f"did you mean {', '.join(matches)}?" if matches else otherwise
    return f"; {hint}" if hint else ""


def and_more(count: int, shown: int) -> str:
    """Return ``and 3 more`` where only some of ``count`` things are shown, else nothing."""
    return f"and {count - shown} more" if count > shown else ""


def listed(names: Sequence[str], shown: int = 1) -> str:
    """Return the first names, and how many there are besides: ``a, b and 3 more``."""
    return f"{', '.join(names[:shown])} {and_more(len(names), shown)}".rstrip()

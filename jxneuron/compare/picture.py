"""Which sections' voltages are compared for the picture of the cell; both engines choose the same.

In: section names and the number of steps. Out: the names to sample, as many as memory allows.
"""

from __future__ import annotations

MOST_VALUES = 4_000_000  # 32 MB in each engine


def steps(t: float, tstop: float, dt: float) -> int:
    """About how many steps a run from t to tstop takes."""
    return max(0, round((tstop - t) / dt))


def chosen(names: list[str], count: int) -> list[str]:
    """All sections, or every second, third, ... when their middles would be too many values to keep."""
    room = max(1, MOST_VALUES // (count + 1))
    return names[:: -(-len(names) // room)] if names else []

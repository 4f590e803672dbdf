"""Collect what is wrong with a file, or is not taken over.

In: findings as they come up, with the line of the text. Out: one exception with all of them, or notes.
"""

from __future__ import annotations

from jxneuron.errors import Finding, NmodlError, Unsupported, in_order
from jxneuron.nmodl.syntax import nodes as sx


class Report:
    """Findings about one file, each once.

    Args:
        tree: the file. What was found while it was read is in the report from the beginning.
    """

    def __init__(self, tree: sx.File) -> None:
        self._tree = tree
        self._wrong: dict[Finding, None] = {}
        self._refused: dict[Finding, None] = {}
        self._notes: dict[str, None] = {}
        for refused in tree.refused:
            self.refuse(refused.line, refused.what, refused.way_out)

    def wrong(self, line: int, what: str, way_out: str = "") -> None:
        """Say that NEURON does not take it either: its translator, or the C++ compiler, stops.

        Args:
            line: where; 0 means the whole file.
            what: what is wrong.
            way_out: what to do instead.
        """
        self._wrong[Finding(self._place(line), what, way_out)] = None

    def refuse(self, line: int, what: str, way_out: str = "") -> None:
        """Say that NEURON takes it, and that it is not taken over; the arguments are those of ``wrong``."""
        self._refused[Finding(self._place(line), what, way_out)] = None

    def note(self, what: str, line: int = 0) -> None:
        """Say something that stops nothing, of a line or of the whole file."""
        self._notes[f"{self._place(line)}: {what}" if line else what] = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Return what a user may want to know."""
        return tuple(self._notes)

    @property
    def count(self) -> int:
        """Return how many findings stop the translation so far."""
        return len(self._wrong) + len(self._refused)

    def raise_if_any(self) -> None:
        """Raise all findings in the order of their lines; notes stop nothing.

        Raises:
            NmodlError: one of them is wrong. The words of NEURON's translator are among them only where nothing else
                says what is wrong.
            Unsupported: there are others only.
        """
        wrong = [*self._wrong] or [*self._tree.stops]
        if wrong or self._refused:
            raise (NmodlError if wrong else Unsupported)(in_order([*wrong, *self._refused]))

    def _place(self, line: int) -> str:
        return self._tree.source_lines.at(line) if line else self._tree.name

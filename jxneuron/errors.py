"""What goes wrong, said once: where it is, what was found, what to do."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Iterable
from dataclasses import dataclass

from jxneuron.wording import and_more

SHOWN = 60  # findings that a message writes out


@dataclass(frozen=True, order=True)
class Finding:
    """One thing that cannot be taken over, or that was and deserves to be known.

    Attributes:
        place: where it stands: ``file.mod:12``, ``dend[2](0.5)``, ``case.toml``.
        found: what was found there, in the user's words.
        way_out: what the user can do about it; empty when nothing is needed.
    """

    place: str
    found: str
    way_out: str = ""

    def __str__(self) -> str:
        return f"{self.place}  {self.found}" + (f"  {self.way_out}" if self.way_out else "")


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Each finding once, by file and line."""

    def line(finding: Finding) -> tuple[str, int, str]:
        file, _, number = finding.place.rpartition(":")
        return (file, int(number), finding.found) if number.isdigit() else (finding.place, 0, finding.found)

    return sorted(dict.fromkeys(findings), key=line)


class JxneuronError(Exception):
    """Base of every error that jxneuron raises on purpose."""


class ModelError(JxneuronError, ValueError):
    """A model, case or file that is wrong in itself (bad value, damaged file, unknown name)."""


class MorphologyWarning(UserWarning):
    """A morphology file left something open; says what was assumed."""


class Float64Error(JxneuronError):
    """JAX runs in float32 although the reference is float64."""


class NeuronMissing(JxneuronError):
    """Something needs NEURON (or its compiler) and it is not installed."""

    @classmethod
    def of(cls, purpose: str) -> NeuronMissing:
        """Return the error of what cannot be done without NEURON."""
        return cls(f"{purpose} needs NEURON, which is not installed: pip install neuron")


def require_neuron(purpose: str) -> None:
    """Check that NEURON is installed, without loading it.

    Args:
        purpose: what needs it, as the subject of a sentence.

    Raises:
        NeuronMissing: it is not installed.
    """
    if "neuron" not in sys.modules and importlib.util.find_spec("neuron") is None:
        raise NeuronMissing.of(purpose)


class NonFinite(JxneuronError):
    """A value stopped being a number; names the first step, mechanism and compartment."""


class EventsLost(JxneuronError):
    """A run has sent more events than it has room for; names the source and the time of the first that was lost."""


class ChildFailed(JxneuronError):
    """A child process crashed, quit, or ran out of time before it gave a result."""


class Findings(JxneuronError):
    """Several findings at once; ``.findings`` holds them in the order of their places."""

    title = "findings"

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings: tuple[Finding, ...] = tuple(findings)
        shown = [str(each) for each in self.findings[:SHOWN]]
        if len(self.findings) > SHOWN:
            shown.append(f"{and_more(len(self.findings), SHOWN)} (.findings holds all of them)")
        super().__init__("\n".join([f"{len(self.findings)} {self.title}:", *shown]))

    def __reduce__(self):
        return type(self), (self.findings,)


class NmodlError(Findings):
    """NMODL text that is wrong: syntax, undefined names, contradictory units."""

    title = "error(s) in NMODL"


class Unsupported(Findings):
    """Constructs that jxneuron does not take over; the import stops with all of them."""

    title = "construct(s) that cannot be taken over"


class NoMechanism(Unsupported):
    """A file of functions only (``SUFFIX nothing``): there is nothing to translate."""

    title = "file(s) without a mechanism"

"""How many segments a section gets: the rules that NEURON users write.

In: a Morphology. Out: (sections,) whole numbers. Laws: ``lambda_f`` in stdlib.hoc, ``geom_nseg`` of published models.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import ArrayLike

from jxneuron.errors import ModelError
from jxneuron.model import discretise
from jxneuron.model.discretise import MOST_SEGMENTS
from jxneuron.model.model import Floats, Ints
from jxneuron.morphology.tree import Morphology, Trace
from jxneuron.wording import did_you_mean

# NEURON's own Ra, ohm cm, and cm, uF/cm2
NEURON_RA = 35.4
NEURON_CM = 1.0
# The frequency of the d_lambda rule, Hz
FREQUENCY = 100.0
# A rule makes one segment for each part of a section up to this length, um, and one more of every second
FORTY = 40.0
# More than that, and few enough to be counted
TOO_MANY = 1e9


def require_positive(name: str, value: object) -> None:
    """Raise where a value is no positive, finite number.

    Raises:
        ModelError: names the value.
    """
    number = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not (number and np.isfinite(value) and value > 0):  # type: ignore[operator, arg-type]
        raise ModelError(f"{name} = {value!r}: a positive number is needed")


def lengths(morphology: Morphology) -> Floats:
    """Lengths of all sections, um, as NEURON has them."""
    return np.array([_length(morphology, trace) for trace in morphology.traces])


def _length(morphology: Morphology, trace: Trace) -> float:
    return trace.cylinder[0] if trace.cylinder else max(_arc(morphology, trace)[-1], discretise.SHORTEST)


def d_lambda_nseg(
    morphology: Morphology,
    d_lambda: float = 0.1,
    *,
    frequency: float = FREQUENCY,
    Ra: ArrayLike = NEURON_RA,
    cm: ArrayLike = NEURON_CM,
) -> Ints:
    """``nseg = int((L/(d_lambda*lambda_f(frequency)) + 0.9)/2)*2 + 1``: odd, and no segment much over ``d_lambda``.

    Args:
        morphology: the sections.
        d_lambda: the longest segment, as a share of the length constant at ``frequency``.
        frequency: Hz.
        Ra: ohm cm, one or one per section.
        cm: uF/cm2, one or one per section.

    Raises:
        ModelError: a value that is not positive, a point without diameter (such a section has no length constant), or
            more segments than a section can have.
    """
    for name, value in (("d_lambda", d_lambda), ("frequency", frequency)):
        require_positive(name, value)
    for name, values in (("Ra", Ra), ("cm", cm)):
        for value in np.ravel(values).tolist():
            require_positive(name, value)
    count = len(morphology.traces)
    each_Ra, each_cm = (np.broadcast_to(np.asarray(value, float), (count,)).tolist() for value in (Ra, cm))
    found = np.array(
        [
            int(min((length / (d_lambda * constant) + 0.9) / 2, TOO_MANY)) * 2 + 1
            for length, constant in (
                _length_constant(morphology, trace, frequency, *values)
                for trace, *values in zip(morphology.traces, each_Ra, each_cm, strict=True)
            )
        ]
    )
    if (found > MOST_SEGMENTS).any():
        raise ModelError(
            f"d_lambda = {d_lambda!r} cuts {morphology.names[int(np.argmax(found))]} into more than {MOST_SEGMENTS} "
            "segments, NEURON's limit: give a larger one"
        )
    return found


def _length_constant(
    morphology: Morphology, trace: Trace, frequency: float, Ra: float, cm: float
) -> tuple[float, float]:
    """A section's length, and the distance, um, over which a signal of this frequency falls to 1/e."""
    if trace.cylinder:
        length, diams = trace.cylinder
        return length, 1e5 * math.sqrt(diams[len(diams) // 2] / (4 * math.pi * frequency * Ra * cm))
    arc = _arc(morphology, trace)
    diam = np.abs(trace.points[:, 3]).tolist()
    length = max(arc[-1], discretise.SHORTEST)
    if 0.0 in diam[:-1] or diam[-2:] == [0.0, 0.0]:
        where = diam.index(0.0)
        raise ModelError(
            f"{trace.name}: point {where} has no diameter, so the section has no length constant: "
            "give nseg instead of d_lambda, or repair the file"
        )
    units = 0.0
    for i in range(1, len(diam)):
        units += (arc[i] - arc[i - 1]) / math.sqrt(diam[i - 1] + diam[i])
    units *= math.sqrt(2) * 1e-5 * math.sqrt(4 * math.pi * frequency * Ra * cm)
    return length, length / units if units > 0 else math.inf


def every_40_um(morphology: Morphology) -> Ints:
    """``nseg = 1 + 2*int(L/40)``: odd, segments of 13 to 40 um."""
    return 1 + 2 * (lengths(morphology) / FORTY).astype(np.int64)


def _arc(morphology: Morphology, trace: Trace) -> list[float]:
    return discretise.arcs(trace.points, single=morphology.precision != "float64").tolist()


def nseg_of(morphology: Morphology, nseg: int | ArrayLike | Mapping[str, int] | Callable[[Trace, float], int]) -> Ints:
    """``nseg`` as users give it: one number, one per section, by name or stem of a name, or a function.

    Args:
        morphology: the sections.
        nseg: a number; (sections,) numbers; a mapping of names ("dend[3]") and stems ("dend"), others get 1; or a
            function of a section and its length in um.

    Raises:
        ModelError: a name that is not there.
    """
    if isinstance(nseg, Mapping):
        known = {*morphology.names, *morphology.groups}
        if wrong := [name for name in nseg if name not in known]:
            hint = did_you_mean(str(wrong[0]), known)
            raise ModelError(f"nseg: there is no section and no group {wrong[0]!r} here{hint}")
        return np.array([nseg.get(trace.name, nseg.get(trace.stem, 1)) for trace in morphology.traces])
    if callable(nseg):
        pairs = zip(morphology.traces, lengths(morphology).tolist(), strict=True)
        return np.array([nseg(trace, length) for trace, length in pairs])
    return np.asarray(nseg)

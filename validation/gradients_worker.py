"""NEURON's half of the gradients: the model of ``models/gradients.hoc``, run with one value changed at a time.

In: the request ``{library, model, factors}``, JSON, and the file for the answer. Out: the voltage of the soma as the
model stands, and for each parameter and factor the voltage when its values, multiplied by the factor, take their place.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Change = Callable[[float], None]


def run(request: Any) -> dict[str, Any]:
    from neuron import h

    h.nrn_load_dll(request["library"])
    h.load_file(request["model"])
    changes = {**parameters(h), "n_hh": None}
    return {
        "v": trace(h),
        "changed": {
            key: [changed(h, change, factor) for factor in request["factors"]] for key, change in changes.items()
        },
    }


def parameters(h: Any) -> dict[str, Change]:
    """By name: what multiplies the values that the model came with."""
    segments = [segment for section in h.allsec() for segment in section]
    hh = [segment for segment in segments if hasattr(segment, "hh")]
    minimal = [segment for segment in segments if hasattr(segment, "minimal")]
    sections = list(h.allsec())
    stylised = [segment for section in (h.soma, h.dend) for segment in section]
    return {
        "gnabar_hh": scaled(hh, "gnabar_hh"),
        "g_pas": scaled(segments, "g_pas"),
        "gNa_minimal": scaled(minimal, "gNa_minimal"),
        "vt_minimal": scaled(minimal, "vt_minimal"),
        "eK_minimal": scaled([h], "eK_minimal"),
        "celsius": scaled([h], "celsius"),
        "ek": scaled(hh, "ek"),
        "e_pas": scaled(segments, "e_pas"),
        "Ra": scaled(sections, "Ra"),
        "cm": scaled(segments, "cm"),
        "diam": scaled(stylised, "diam"),
        "radius of 3-d points": scaled_points(h, h.apic),
        "L": scaled([h.dend], "L"),
        "v": scaled([h], "v_init"),
        "IClamp[0].amp": scaled([h.clamp], "amp"),
    }


def scaled(owners: list[Any], name: str) -> Change:
    before = [float(getattr(owner, name)) for owner in owners]

    def change(factor: float) -> None:
        for owner, value in zip(owners, before, strict=True):
            setattr(owner, name, value * factor)

    return change


def scaled_points(h: Any, section: Any) -> Change:
    """All points of a section; float32 holds these products exactly."""
    before = [section.diam3d(i) for i in range(section.n3d())]

    def change(factor: float) -> None:
        for i, diam in enumerate(before):
            h.pt3dchange(i, diam * factor, sec=section)

    return change


def changed(h: Any, change: Change | None, factor: float) -> list[float]:
    """One run; without a change of parameters the initial state n is multiplied."""
    if change is None:
        return trace(h, factor)
    change(factor)
    found = trace(h)
    change(1.0)
    return found


def trace(h: Any, n_factor: float = 1.0) -> list[float]:
    h.finitialize(h.v_init)
    if n_factor != 1.0:
        for section in (h.soma, h.apic):
            for segment in section:
                segment.n_hh *= n_factor
        h.fcurrent()
    found = [h.soma(0.5).v]
    while h.t < h.tstop - h.dt / 2:
        h.fadvance()
        found.append(h.soma(0.5).v)
    return found


if __name__ == "__main__":
    Path(sys.argv[2]).write_text(json.dumps(run(json.loads(sys.argv[1]))))

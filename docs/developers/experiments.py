"""What the pages about NEURON share: a session with the mechanisms of ``mods``, and a cable to try them on."""

from typing import Any

import numpy as np
from neuron import h

from jxneuron.child import compile_mod

h.nrn_load_dll(str(compile_mod.compile_folders(["docs/developers/mods"])))
h.load_file("stdrun.hoc")
h("clock = 0")  # what the POINTERs of some mechanisms refer to; NEURON crashes where one has no target
dt = h.dt
capacity = 0.001 / dt  # of 1 uF/cm2, mA/cm2/mV


def cable(*mechanisms: str, nseg: int = 1, L: float = 100.0, diam: float = 2.0) -> Any:
    """Return the only section of the session, with these mechanisms; other sections are deleted."""
    for old in list(h.allsec()):
        h.delete_section(sec=old)
    h.celsius, h.secondorder = 6.3, 0
    section = h.Section(name="cable")
    section.nseg, section.L, section.diam = nseg, L, diam
    for name in mechanisms:
        section.insert(name)
    return section


def tick(section: Any, *mechanisms: str) -> None:
    """Point the ``clock`` of these mechanisms to one variable, and set it to 0."""
    h.clock = 0
    for name in mechanisms:
        h.setpointer(h._ref_clock, "clock", getattr(section(0.5), name))


def steps(count: int, v: float = -65.0) -> None:
    """Initialise, and make ``count`` steps of 0.025 ms."""
    h.finitialize(v)
    for _ in range(count):
        h.fadvance()


def close(values: Any, expected: Any, tolerance: float = 1e-12) -> bool:
    """Return whether values are equal to a relative and absolute tolerance."""
    return bool(np.allclose(values, expected, rtol=tolerance, atol=tolerance))

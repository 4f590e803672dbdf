"""A cell class whose model is prepared by FInitializeHandlers at all four places, with a leak balanced in one."""

import math

from neuron import h


class Cell:
    """A soma with dendrites in a SectionList; channels fall off with the distance from a chosen origin."""

    def __init__(self):
        self.soma = h.Section(name="soma", cell=self)
        self.dend = [h.Section(name=f"dend[{i}]", cell=self) for i in range(2)]
        self.soma.L = self.soma.diam = 18
        for dendrite in self.dend:
            dendrite.L, dendrite.diam, dendrite.nseg = 180, 2, 5
            dendrite.connect(self.soma(1))
        self.tree = h.SectionList(self.dend)
        h.distance(0, self.soma(1))
        for section in (self.soma, *self.tree):
            section.insert("hh")
            section.insert("pas")
            section.Ra = 120
            for segment in section:
                segment.pas.g = 2e-4
                segment.hh.gl = 0
                segment.hh.gnabar = 0.12 * math.exp(-h.distance(segment) / 250)

    def segments(self):
        """All segments."""
        return [segment for section in (self.soma, *self.tree) for segment in section]

    def balance(self):
        """Choose each segment's leak so that nothing flows at the start (type 1: after INITIAL)."""
        for segment in self.segments():
            segment.pas.e = (
                segment.v + (segment.hh.gk * (segment.v - segment.ek) + self.sodium(segment)) / segment.pas.g
            )

    def sodium(self, segment):
        """The sodium current, from the gates."""
        m, inactivation = segment.hh.m, segment.hh.h
        segment.hh.gk = segment.hh.gkbar * segment.hh.n**4
        return segment.hh.gnabar * m**3 * inactivation * (segment.v - segment.ena)


cell = Cell()
stimulus = h.IClamp(cell.soma(0.5))
stimulus.delay, stimulus.dur, stimulus.amp = 5, 95, 0.3


def warm():
    """Type 3: before anything else."""
    h.celsius = 11


def charge():
    """Type 0: after v is set, before INITIAL."""
    for segment in cell.dend[1]:
        segment.v = -66


def deplete():
    """Type 2: the last; part of the sodium channels starts inactivated."""
    cell.dend[0](0.9).hh.h = 0.3
    stimulus.amp = 0.7


handlers = [
    h.FInitializeHandler(3, warm),
    h.FInitializeHandler(0, charge),
    h.FInitializeHandler(1, cell.balance),
    h.FInitializeHandler(2, deplete),
]
h.v_init, h.tstop = -62, 110

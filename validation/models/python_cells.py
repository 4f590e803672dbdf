"""Cells as Python classes make them: sections that belong to an object, h.define_shape(), values per segment."""

import math

from neuron import h


class Cell:
    """A soma, an axon and dendrites that taper; ``size`` scales all of them."""

    def __init__(self, size):
        self.soma = h.Section(name="soma", cell=self)
        self.axon = h.Section(name="axon", cell=self)
        self.dend = [h.Section(name=f"dend[{i}]", cell=self) for i in range(3)]
        self.shape(size)
        self.membrane()

    def shape(self, size):
        """Geometry and connections; one dendrite grows from the middle of another."""
        self.soma.L = self.soma.diam = 20 * size
        self.axon.L, self.axon.diam, self.axon.nseg = 400 * size, 1.5, 11
        self.axon.connect(self.soma(0))
        for dendrite, parent in zip(self.dend, (self.soma(1), self.dend[0](0.5), self.dend[0](1)), strict=True):
            dendrite.L, dendrite.nseg = 120 * size, 5
            dendrite.connect(parent)
            for segment in dendrite:
                segment.diam = 2.5 - 1.2 * segment.x
        h.define_shape()

    def membrane(self):
        """Squid channels, denser in the axon, that fall off along the dendrites."""
        for section in (self.soma, self.axon, *self.dend):
            section.Ra, section.cm = 120, 0.9
            section.insert("hh")
        for segment in self.axon:
            segment.hh.gnabar, segment.hh.gkbar = 0.25, 0.08
        for dendrite in self.dend:
            for segment in dendrite:
                distance = h.distance(self.soma(0.5), segment)
                segment.hh.gnabar = 0.1 * math.exp(-distance / 200)


cells = [Cell(1.0), Cell(1.4)]
stimuli = [h.IClamp(cell.soma(0.5)) for cell in cells]
for stimulus, amplitude in zip(stimuli, (0.7, 0.9), strict=True):
    stimulus.delay, stimulus.dur, stimulus.amp = 5, 100, amplitude
h.tstop = 110

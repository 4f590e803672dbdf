"""Two rings of four cells: a spike goes round in each, by gids of ParallelContext on one process.

The axon of each cell is its source, a dendrite receives; delays are no multiples of dt.
"""

from neuron import h

COUNT = 4
context = h.ParallelContext()


class Cell:
    """A soma with hh, a passive dendrite with a synapse, and a gid."""

    def __init__(self, gid):
        """Make the cell and register its gid."""
        self.gid = gid
        self.soma = h.Section(name="soma", cell=self)
        self.dend = h.Section(name="dend", cell=self)
        self.soma.L = self.soma.diam = 12.6157
        self.dend.L, self.dend.diam, self.dend.nseg = 180 + 10 * gid, 1, 5
        self.dend.connect(self.soma(1))
        self.soma.insert("hh")
        self.dend.insert("pas")
        self.dend.e_pas = -65
        self.synapse = h.ExpSyn(self.dend(0.7))
        self.synapse.tau = 2
        self.inhibition = h.Exp2Syn(self.soma(0.5))
        self.inhibition.e = -75
        context.set_gid2node(gid, context.id())
        context.cell(gid, h.NetCon(self.soma(0.5)._ref_v, None, sec=self.soma))
        context.threshold(gid, 10)

    def __str__(self):
        """Return the name of the cell."""
        return f"Cell[{self.gid}]"


def connect(source, target, weight, delay):
    """Let a gid's spikes reach a synapse."""
    connection = context.gid_connect(source, target)
    connection.weight[0], connection.delay = weight, delay
    return connection


cells = [Cell(gid) for gid in range(2 * COUNT)]
connections = []
for cell in cells:
    first = cell.gid - cell.gid % COUNT
    after = first + (cell.gid + 1) % COUNT
    connections.append(connect(cell.gid, cells[after].synapse, 0.01, 4.3 + 0.07 * cell.gid))
    connections.append(connect(cell.gid, cells[(cell.gid + 2) % len(cells)].inhibition, 0.001, 0.8))
starts = [h.NetStim() for _ in (0, 1)]
for k, start in enumerate(starts):
    start.start, start.number, start.interval = 1.37 + k, 2, 23.1
    connections.append(h.NetCon(start, cells[COUNT * k].synapse, 0, 0.5, 0.01))
times, gids = h.Vector(), h.Vector()
context.spike_record(-1, times, gids)
context.set_maxstep(10)

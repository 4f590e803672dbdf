"""Networks whose cells send events to each other, built by hand here and in NEURON."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxneuron as jx

CELLS, T_MAX = 4, 60.0
# Of the ring, then of the connections of the regular, the noisy and the listed train
DELAYS, WEIGHTS = [1.0, 2.5, 0.0, 3.3125], [0.03, 0.05, 0.02, 0.04]
REGULAR = {"interval": 7.3, "number": 4, "start": 0.3}
NOISY = {"interval": 9.0, "number": 5, "start": 3.0, "noise": 0.6}
LISTED = [2.1, 2.1, 17.3, 30.123456789]
LATE = 480  # step at which gradients are taken
CHANGED = 1e-4  # of a weight or a time constant, relative, for a quotient of differences in NEURON

NEURON = """
h.load_file("stdrun.hoc")
h.usetable_hh, h.celsius, h.dt, h.tstop = 0, 6.3, 0.025, given["t_max"]
cells = [h.Section(name=f"cell{k}") for k in range(given["cells"])]
for sec in cells:
    sec.L = sec.diam = 20
    sec.nseg = 1
    sec.insert("hh")
syns = [h.ExpSyn(sec(0.5)) for sec in cells] + [h.Exp2Syn(cells[0](0.5)) for _ in range(3)]
for one in syns[:given["cells"]]:
    one.tau = 2
for one in syns[given["cells"]:]:
    one.tau1, one.tau2, one.e = 0.5, 4, -10
nets = []
for k, sec in enumerate(cells):
    delay, weight, syn = given["delays"][k], given["weights"][k], syns[(k + 1) % len(cells)]
    nets.append(h.NetCon(sec(0.5)._ref_v, syn, -20, delay, weight, sec=sec))
regular, noisy, listed = h.NetStim(), h.NetStim(), h.NetStim()
for one, values in ((regular, given["regular"]), (noisy, given["noisy"])):
    for key, value in values.items():
        setattr(one, key, value)
noisy.noiseFromRandom123(1, 2, 3)
nets.append(h.NetCon(regular, syns[len(cells)], 10, 0.7, 0.08))
nets.append(h.NetCon(noisy, syns[len(cells) + 1], 10, 1, 0.02))
quiet = h.NetCon(None, syns[len(cells) + 2])
quiet.weight[0] = 0.01
v = [h.Vector().record(sec(0.5)._ref_v) for sec in cells]
g = h.Vector().record(syns[1]._ref_g)
spikes = [h.Vector() for _ in nets]
for one, net in zip(spikes, nets):
    net.record(one)

def run():
    h.finitialize(-65)
    for time in given["listed"]:
        quiet.event(time)
    h.continuerun(h.tstop)
    return [list(one) for one in (*v, g)], [list(one) for one in spikes]

def slope(owner, name, index=None):
    ends = []
    present = getattr(owner, name) if index is None else getattr(owner, name)[index]
    for sign in (1, -1):
        value = present * (1 + sign * given["changed"])
        if index is None:
            setattr(owner, name, value)
        else:
            getattr(owner, name)[index] = value
        ends.append(run()[0][1][given["late"]])
    setattr(owner, name, present) if index is None else getattr(owner, name).__setitem__(index, present)
    return (ends[0] - ends[1]) / (2 * given["changed"] * present)

records, fired = run()
slopes = [slope(nets[0], "weight", 0), slope(nets[len(cells)], "weight", 0), slope(syns[1], "tau")]
give([records, fired, slopes])
"""


def cell() -> jx.Cell:
    """A soma of hh."""
    made = jx.Cell([jx.Branch(nseg=1)], [-1])
    made.set("radius", 10.0)
    made.set("length", 20.0)
    made.set("v", -65.0)
    made.insert("hh")
    made.set("usetable_hh", 0)
    return made


def network() -> jx.Network:
    """A ring of cells, driven by three artificial cells."""
    net = jx.Network([cell()] * CELLS)
    pre, post = list(net.cells), [net.cell((k + 1) % CELLS) for k in range(CELLS)]
    jx.connect_events(pre, post, "ExpSyn", weight=WEIGHTS, delay=DELAYS, threshold=-20.0)
    net.ExpSyn.set("tau_ExpSyn", 2.0)
    trains = [jx.NetStim(**REGULAR), jx.NetStim(**NOISY, seed=(1, 2, 3)), jx.VecStim(LISTED)]
    jx.connect_events(trains, net.cell(0), "Exp2Syn", weight=[0.08, 0.02, 0.01], delay=[0.7, 1.0, 0.0])
    for key, value in {"tau1": 0.5, "tau2": 4.0, "e": -10.0}.items():
        net.Exp2Syn.set(f"{key}_Exp2Syn", value)
    net.record("v", verbose=False)
    net.ExpSyn.edge(0).record("g_ExpSyn", verbose=False)
    net.record_spikes(verbose=False)
    net.init_states()
    return net


@pytest.fixture(scope="module")
def net() -> jx.Network:
    return network()


@pytest.fixture(scope="module")
def expected(module_child: Callable[..., Any]) -> Any:
    given = {"cells": CELLS, "t_max": T_MAX, "delays": DELAYS, "weights": WEIGHTS, "regular": REGULAR, "noisy": NOISY}
    return module_child(NEURON, **given, listed=LISTED, changed=CHANGED, late=LATE)


def test_a_network_built_by_hand_runs_as_in_neuron(net: jx.Network, expected: Any) -> None:
    records, spikes = jx.integrate(net, t_max=T_MAX, return_spikes=True)
    traces, fired, _ = expected
    np.testing.assert_allclose(records[:CELLS], traces[:CELLS], rtol=0, atol=1e-9)
    np.testing.assert_allclose(records[CELLS], traces[CELLS], rtol=0, atol=1e-12)
    names = [f"cell[{k}].branch[0](0.5)" for k in range(CELLS)] + ["NetStim[0]", "NetStim[1]"]
    assert {name: spikes.by_name[name].tolist() for name in names} == dict(zip(names, fired, strict=True))
    assert spikes.by_name["VecStim[0]"].tolist() == LISTED
    assert min(len(times) for times in fired) >= 2
    assert spikes.table["cell_index"].tolist()[:4] == [-1, 0, -1, -1]
    assert (np.diff(spikes.table["time"]) >= 0).all()


@pytest.mark.slow
def test_gradients_of_weights_and_time_constants_are_neurons_differences(net: jx.Network, expected: Any) -> None:
    trained = net.copy()
    trained.ExpSyn.edge([0, 1]).make_trainable("weight", verbose=False)
    trained.Exp2Syn.edge([0, 2]).make_trainable("weight", verbose=False)
    trained.ExpSyn.edge(0).make_trainable("tau_ExpSyn", verbose=False)
    params = trained.get_parameters()
    assert [each["weight"].tolist() for each in params[:2]] == [[0.03, 0.05], [0.08, 0.01]]

    def late(params: Any) -> Any:
        return jx.integrate(trained, params, t_max=LATE * 0.025)[1, -1]

    two = jax.tree.map(lambda x: jnp.stack([x, x * 1.0001]), params)
    value, slopes = jax.jit(jax.vmap(jax.value_and_grad(late)))(two)
    found = jax.tree.map(lambda x: x[0], slopes)
    ours = found[0]["weight"][0], found[1]["weight"][0], found[2]["tau_ExpSyn"][0]
    np.testing.assert_allclose(ours, expected[2], rtol=1e-5)
    np.testing.assert_allclose(value[0], expected[0][1][LATE], rtol=0, atol=1e-9)
    change = jax.tree.map(lambda slope, x: float((slope * 1e-4 * x).sum()), found, params)
    np.testing.assert_allclose(value[1] - value[0], sum(jax.tree.leaves(change)), rtol=1e-2)


def test_edges_show_what_connections_join_and_their_values(net: jx.Network) -> None:
    shown = net.edges
    assert shown["source"].tolist()[:2] == ["cell[0].branch[0](0.5)", "cell[1].branch[0](0.5)"]
    assert shown["target"].tolist() == [f"ExpSyn[{k}]" for k in range(4)] + [f"Exp2Syn[{k}]" for k in range(3)]
    assert shown["type"].tolist() == ["ExpSyn"] * 4 + ["Exp2Syn"] * 3
    assert shown["weight"].tolist() == [*WEIGHTS, 0.08, 0.02, 0.01]
    assert shown["delay"].tolist() == [*DELAYS, 0.7, 1.0, 0.0]
    assert shown["threshold"].tolist()[:4] == [-20.0] * 4 and np.isnan(shown["threshold"].to_numpy()[4:]).all()
    assert shown["pre_cell_index"].tolist() == [0, 1, 2, 3, -1, -1, -1]
    assert shown["post_cell_index"].tolist() == [1, 2, 3, 0, 0, 0, 0]
    assert net.cell([0, 1]).edges.index.tolist() == [
        0,
        4,
        5,
        6,
    ]  # events of artificial cells are seen where they arrive
    assert net.synapse_names == ["ExpSyn", "Exp2Syn"]
    assert net.cell(0).get("tau2_Exp2Syn").tolist() == [4.0] * 3


def test_values_of_connections_are_set_where_the_view_says() -> None:
    net = network()
    net.ExpSyn.edge([0, 2]).set("weight", [0.5, 0.6])
    net.Exp2Syn.set("delay", [1.0, 2.0, 3.0])
    net.ExpSyn.edge(1).set("threshold", 0.0)
    assert net.get("weight").tolist() == [0.5, 0.05, 0.6, 0.04, 0.08, 0.02, 0.01]
    assert net.get("delay").tolist() == [*DELAYS, 1.0, 2.0, 3.0]
    assert net.get("threshold").tolist() == [-20.0, 0.0, -20.0, -20.0]
    jx.connect_events(net.cell(0), net.ExpSyn.edge(1), weight=0.3)
    assert net.edges[["target", "weight", "threshold"]].iloc[-1].tolist() == ["ExpSyn[1]", 0.3, -20.0]
    with pytest.raises(ValueError, match="share its threshold"):
        net.ExpSyn.edge([0, 4]).set("threshold", [1.0, 2.0])
    regular = jx.NetStim(**REGULAR)
    jx.connect_events(regular, net.cell([1, 2]), "ExpSyn", weight=0.1)
    jx.connect_events(regular, net.cell(3), "ExpSyn", weight=0.1)
    assert net.edges["source"].tolist()[-3:] == ["NetStim[2]"] * 3


def test_a_connection_goes_with_the_synapse_that_is_left_without_any() -> None:
    net = network()
    jx.connect_events(net.cell(0), net.ExpSyn.edge(2), weight=0.3)
    net.ExpSyn.edge(0).make_trainable("tau_ExpSyn", verbose=False)
    net.Exp2Syn.edge([1]).make_trainable("weight", verbose=False)
    with pytest.raises(ValueError, match="is trained: call delete_trainables"):
        net.ExpSyn.edge(0).delete()
    with pytest.raises(ValueError, match="is trained: call delete_trainables"):
        net.Exp2Syn.edge([0, 1]).delete()
    with pytest.raises(ValueError, match=r"events lead to ExpSyn\[1\]"):
        net.delete("ExpSyn[1]")
    assert len(net.edges) == 8 and len(net.points) == 7
    net.ExpSyn.edge(2).delete()  # another connection leads there
    net.Exp2Syn.edge(0).delete()
    assert net.edges["target"].tolist() == [
        "ExpSyn[0]",
        "ExpSyn[1]",
        "ExpSyn[3]",
        "Exp2Syn[1]",
        "Exp2Syn[2]",
        "ExpSyn[2]",
    ]
    assert net.edges["weight"].tolist() == [0.03, 0.05, 0.04, 0.02, 0.01, 0.3]
    assert len(net.points) == 6
    assert net.indices_set_by_trainables[1].tolist() == [[3]]
    net.delete_trainables()
    net.ExpSyn.delete()
    assert net.synapse_names == ["Exp2Syn"] and net.points["mechanism"].tolist() == ["Exp2Syn"] * 2


def test_a_graded_synapse_comes_before_connections_of_events() -> None:
    net = network()
    net.edges["mine"] = np.arange(7)
    view = net.ExpSyn
    jx.connect(net.cell(0), net.cell(2), jx.synapses.IonotropicSynapse())
    assert net.edges["type"].tolist() == ["IonotropicSynapse", *["ExpSyn"] * 4, *["Exp2Syn"] * 3]
    assert net.edges["mine"].tolist()[1:] == list(range(7))
    with pytest.raises(ValueError, match="take it anew"):
        view.get("weight")
    net.IonotropicSynapse.delete()
    assert net.edges["mine"].tolist() == list(range(7)) and net.edges["weight"].tolist()[:4] == WEIGHTS


def test_copies_and_files_hold_connections(net: jx.Network, tmp_path: Path) -> None:
    wanted = net.edges
    net.save(tmp_path / "net.jx")
    for other in (copy.deepcopy(net), pickle.loads(pickle.dumps(net)), jx.open(tmp_path / "net.jx")):
        assert other.edges.equals(wanted)
        assert other.spike_recordings.equals(net.spike_recordings)
        assert other.model.events is not None and net.model.events is not None
        saved, known = vars(other.model.events.known), vars(net.model.events.known)
        assert [values.tolist() for values in saved.values()] == [values.tolist() for values in known.values()]


def test_cells_with_events_of_their_own_become_a_network() -> None:
    one = cell()
    jx.connect_events([jx.NetStim(), jx.VecStim([1.0])], one.branch(0), "ExpSyn", weight=[0.01, 0.02])
    other = cell()
    jx.connect_events(other.branch(0), other.branch(0), "Exp2Syn", weight=0.03)
    net = jx.Network([one, other, one])
    assert net.edges["source"].tolist() == [
        "NetStim[0]",
        "VecStim[0]",
        "cell[1].branch[0](0.5)",
        "NetStim[1]",
        "VecStim[1]",
    ]
    assert net.edges["target"].tolist() == ["ExpSyn[0]", "ExpSyn[1]", "Exp2Syn[0]", "ExpSyn[2]", "ExpSyn[3]"]
    assert net.edges["weight"].tolist() == [0.01, 0.02, 0.03, 0.01, 0.02]
    assert net.edges["post_cell_index"].tolist() == [0, 0, 1, 2, 2]
    assert net.model.events is not None and len(net.model.events.known.time) == 22


def test_patterns_connect_as_those_of_graded_synapses() -> None:
    net = jx.Network([cell()] * 5)
    jx.fully_connect_events(net.cell([0, 1]), net.cell([2, 3, 4]), "ExpSyn", weight=np.arange(1, 7) / 10)
    assert net.edges[["pre_cell_index", "post_cell_index"]].to_numpy().tolist() == [
        [a, b] for a in (0, 1) for b in (2, 3, 4)
    ]
    assert net.get("weight").tolist() == [0.1, 0.2, 0.3, 0.4, 0.5, 0.6]
    graded = jx.Network([cell()] * 5)
    jx.sparse_connect(graded.cell("all"), graded.cell("all"), jx.synapses.IonotropicSynapse(), 0.4, seed=3)
    drawn = jx.sparse_connect_events(net.cell("all"), net.cell("all"), "Exp2Syn", 0.4, weight=0.1, seed=3)
    pairs = ["pre_cell_index", "post_cell_index"]
    assert drawn.edges[pairs].to_numpy().tolist() == graded.edges[pairs].to_numpy().tolist()
    jx.fully_connect_events([jx.NetStim(), jx.NetStim()], net.cell([0, 1]), "ExpSyn", weight=0.1)
    assert net.edges["source"].tolist()[-4:] == ["NetStim[0]", "NetStim[0]", "NetStim[1]", "NetStim[1]"]


WRONG: dict[str, tuple[Callable[[Any], Any], type[Exception], str]] = {
    "a negative delay": (
        lambda n: jx.connect_events(n.cell(0), n.cell(1), "ExpSyn", weight=1.0, delay=-1.0),
        ValueError,
        "delay = -1 ms",
    ),
    "a weight that is NaN": (
        lambda n: jx.connect_events(n.cell(0), n.cell(1), "ExpSyn", weight=np.nan),
        ValueError,
        "weight: it is not a number",
    ),
    "a delay that is infinite": (
        lambda n: jx.connect_events(n.cell(0), n.cell(1), "ExpSyn", weight=1.0, delay=np.inf),
        ValueError,
        "delay: it is not",
    ),
    "too many weights": (
        lambda n: jx.connect_events(n.cell(0), n.cell(1), "ExpSyn", weight=[1.0, 2.0]),
        ValueError,
        r"weight: \(2,\) values for 1 connections: give one, or \(1,\), or \(1, 1\)",
    ),
    "weights for other arguments": (
        lambda n: jx.connect_events(n.cell(0), n.cell(1), "ExpSyn", weight=[[1.0, 2.0]]),
        ValueError,
        r"\(1, 2\) values",
    ),
    "too many delays": (
        lambda n: jx.connect_events(n.cell(0), n.cell(1), "ExpSyn", weight=1.0, delay=[1, 2]),
        ValueError,
        r"delay: \(2,\)",
    ),
    "a threshold of another connection": (
        lambda n: jx.connect_events(n.cell(0), n.cell(1), "ExpSyn", weight=1.0, threshold=0.0),
        ValueError,
        "share one threshold, which is -20 mV",
    ),
    "a threshold of an artificial cell": (
        lambda n: jx.connect_events(jx.NetStim(), n.cell(1), "ExpSyn", weight=1.0, threshold=0.0),
        ValueError,
        "only events from a voltage have one",
    ),
    "an unknown mechanism": (
        lambda n: jx.connect_events(n.cell(0), n.cell(1), "ExpSin", weight=1.0),
        ValueError,
        "did you mean ExpSyn",
    ),
    "a membrane mechanism": (
        lambda n: jx.connect_events(n.cell(0), n.cell(1), "hh", weight=1.0),
        ValueError,
        "hh is no point process",
    ),
    "what receives nothing": (
        lambda n: jx.connect_events(n.cell(0), n.cell(1), "IClamp", weight=1.0),
        ValueError,
        "IClamp receives no events",
    ),
    "what sends nothing": (
        lambda n: jx.connect_events(n.ExpSyn, n.cell(1), "ExpSyn", weight=1.0),
        ValueError,
        "ExpSyn sends no events",
    ),
    "no mechanism": (
        lambda n: jx.connect_events(n.cell(0), n.cell(1), weight=1.0),
        ValueError,
        "which mechanism receives",
    ),
    "a mechanism beside synapses": (
        lambda n: jx.connect_events(n.cell(0), n.ExpSyn, "ExpSyn", weight=1.0),
        ValueError,
        "leave it out",
    ),
    "two for three": (
        lambda n: jx.connect_events(n.cell([0, 1]), n.cell([1, 2, 3]), "ExpSyn", weight=1.0),
        ValueError,
        "pre has 2 places and post 3",
    ),
    "another network": (
        lambda n: jx.connect_events(n.cell(0), network().cell(1), "ExpSyn", weight=1.0),
        ValueError,
        "different modules",
    ),
    "a number that sends": (lambda n: jx.connect_events(3, n.cell(1), "ExpSyn", weight=1.0), ValueError, "not int"),
    "both kinds of senders": (
        lambda n: jx.connect_events([jx.NetStim(), n.cell(0)], n.cell(1), "ExpSyn", weight=1.0),
        ValueError,
        "not of both",
    ),
    "an interval of 0": (lambda n: jx.NetStim(interval=0.0), ValueError, "interval = 0 ms: it must be positive"),
    "noise without seed": (lambda n: jx.NetStim(noise=1.0), ValueError, "noise needs a seed"),
    "too much noise": (lambda n: jx.NetStim(noise=2.0, seed=1), ValueError, "noise = 2: it lies in 0..1"),
    "a seed of words": (lambda n: jx.NetStim(seed=cast(Any, "x")), ValueError, "one to three whole numbers"),
    "spikes without end": (lambda n: jx.NetStim(number=1e9), ValueError, "as many as a run can reach"),
    "a start that is NaN": (lambda n: jx.NetStim(start=np.nan), ValueError, "start = nan is no number"),
    "unsorted times": (lambda n: jx.VecStim([2.0, 1.0]), ValueError, "2 ms comes before 1 ms"),
    "negative times": (lambda n: jx.VecStim([-1.0, 1.0]), ValueError, "a time is negative: -1 ms"),
    "times that are NaN": (lambda n: jx.VecStim([1.0, np.nan]), ValueError, "time 1 is not a number"),
    "to set a negative delay": (
        lambda n: n.ExpSyn.set("delay", -1.0),
        ValueError,
        "delay = -1.0: it must not be negative",
    ),
    "to set a NaN weight": (lambda n: n.set("weight", np.nan), ValueError, "weight = nan is not a number"),
    "a second weight": (lambda n: n.set("weight_1", 1.0), KeyError, "did you mean weight"),
    "the threshold of an artificial cell": (
        lambda n: n.Exp2Syn.set("threshold", 1.0),
        ValueError,
        "threshold: none of these synapses has it",
    ),
    "to train a delay": (lambda n: n.ExpSyn.make_trainable("delay"), ValueError, "a constant of every derivative"),
    "to hand a threshold to a run": (lambda n: n.data_set("threshold", 1.0, None), ValueError, "a constant of every"),
    "another threshold to record": (lambda n: n.cell(0).record_spikes(5.0), ValueError, "share one threshold"),
    "a probability above 1": (
        lambda n: jx.sparse_connect_events(n.cell(0), n.cell(1), "ExpSyn", 2.0, weight=1.0, seed=1),
        ValueError,
        "in 0..1",
    ),
}


@pytest.mark.parametrize("what", WRONG)
def test_bad_input_is_one_clear_error_and_changes_nothing(net: jx.Network, what: str) -> None:
    call, kind, message = WRONG[what]
    before, model = net.edges.to_csv(), net.model
    with pytest.raises(kind, match=message):
        call(net)
    assert net.model is model and net.edges.to_csv() == before


def test_spikes_are_recorded_where_they_are_asked_for() -> None:
    net = jx.Network([cell()] * 2)
    with pytest.raises(ValueError, match="nothing sends events here"):
        net.record_spikes()
    with pytest.raises(ValueError, match="no spikes are recorded"):
        jx.integrate(net, t_max=1.0, return_spikes=True)
    net.cell(1).record_spikes(-10.0, verbose=False)
    net.cell(0).record_spikes(verbose=False)
    assert sorted(net.spike_recordings["name"]) == ["cell[0].branch[0](0.5)", "cell[1].branch[0](0.5)"]
    net.cell(1).delete_spike_recordings()
    assert net.spike_recordings["name"].tolist() == ["cell[0].branch[0](0.5)"]
    with pytest.raises(ValueError, match="cut the branches before they are connected"):
        net.set_ncomp(3)


IMPORTED = """
from jxneuron.importer import read_session
from jxneuron.model import file

h.load_file("stdrun.hoc")
h.usetable_hh, h.celsius, h.dt, h.tstop = 0, 6.3, 0.025, 30
cells = [h.Section(name=f"cell{k}") for k in range(2)]
for sec in cells:
    sec.L = sec.diam = 20
    sec.insert("hh")
syns = [h.ExpSyn(cells[1](0.5)), h.ExpSyn(cells[0](0.5)), h.ExpSyn(cells[0](0.5))]
stim = h.NetStim()
stim.start, stim.number, stim.interval = 1, 2, 12
first = h.NetCon(cells[0](0.5)._ref_v, syns[0], -20, 1.5, 0.03, sec=cells[0])
second = h.NetCon(stim, syns[1], 10, 1, 0.05)
third = h.NetCon(cells[0](0.5)._ref_v, syns[0], -20, 4, 0.01, sec=cells[0])
spikes = h.Vector()
first.record(spikes)
h.finitialize(-65)
file.save(read_session(h, init="ours", strict=True), given["path"])
first.weight[0], third.weight[0], second.delay = 0.04, 0.02, 2.5
for one, tau in zip(syns, (1, 1.5, 3)):
    one.tau = tau
added = h.Exp2Syn(cells[0](0.5))
fourth = h.NetCon(cells[1](0.5)._ref_v, added, 10, 3, 0.02, sec=cells[1])
v = [h.Vector().record(sec(0.5)._ref_v) for sec in cells]
h.finitialize(-65)
h.continuerun(h.tstop)
give([[list(one) for one in v], list(spikes)])
"""


def test_the_connections_of_an_import_are_set_and_added_to(module_child: Callable[..., Any], tmp_path: Path) -> None:
    v, times = module_child(IMPORTED, path=str(tmp_path / "net.jx"))
    net = jx.open(tmp_path / "net.jx")
    assert net.edges["source"].tolist() == ["cell0(0.5)", "NetStim[0]", "cell0(0.5)"]
    assert net.edges["target"].tolist() == ["ExpSyn[0]", "ExpSyn[1]", "ExpSyn[0]"]
    assert net.edges["weight"].tolist() == [0.03, 0.05, 0.01]
    net.ExpSyn.edge([0, 2]).set("weight", [0.04, 0.02])
    net.ExpSyn.edge(1).set("delay", 2.5)
    net.ExpSyn.set("tau_ExpSyn", [1.0, 1.5])  # in the order of edges, which is not that of NEURON's instances
    net.set("ExpSyn[2].tau", 3.0)
    assert net.get("tau_ExpSyn").tolist() == [1.0, 1.5, 3.0]
    jx.connect_events(net.cell(1), net.cell(0), "Exp2Syn", weight=0.02, delay=3.0)
    net.record("v", verbose=False)
    records, spikes = jx.integrate(net, t_max=30.0, return_spikes=True)
    np.testing.assert_allclose(records, v, rtol=0, atol=1e-9)
    assert len(times) == 3 and spikes.by_name["cell0(0.5)"].tolist() == times

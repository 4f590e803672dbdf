"""An imported model is edited with the same verbs, and then is what NEURON makes of the same edits."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import jax
import numpy as np
import pytest

import jxneuron as jx

SOURCE = """
create soma, dend
access soma
soma { L = 20 diam = 20 insert hh }
dend { L = 200 diam = 2 nseg = 5 insert hh }
connect dend(0), soma(1)
objref clamp
soma clamp = new IClamp(0.5)
clamp.del = 1
clamp.dur = 10
clamp.amp = 0.5
tstop = 6
usetable_hh = 0
"""
# States, a voltage and a reversal potential that INITIAL does not give
OWN_INIT = """
proc init() {
    finitialize(v_init)
    soma.m_hh(0.5) = 0.3
    dend.n_hh(0.5) = 0.5
    soma.ek = -70
    dend.v(0.9) = -50
    fcurrent()
}
"""
# In NEURON: the edits, then the model's initialisation, then values of states
THEIRS = """
h.load_file("stdrun.hoc")
h.load_file(given["path"])
exec(given["edit"])
h.stdinit()
exec(given["states"])
h.fcurrent()
watched = [h.soma(0.5)._ref_v, h.dend(0.9)._ref_v, h.dend(0.5)._ref_n_hh]
rows = [[each[0] for each in watched]]
while h.t < h.tstop - h.dt / 2:
    h.fadvance()
    rows.append([each[0] for each in watched])
give(rows)
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, jx.Network]]:
    """The model with NEURON's initialisation and with one of its own, each imported once."""
    found = {}
    for name, text in (("plain", SOURCE), ("own", SOURCE + OWN_INIT)):
        path = tmp_path_factory.mktemp(name) / "model.hoc"
        path.write_text(text)
        net = jx.load(path)
        net.delete_recordings()
        for each in ("soma(0.5).v", "dend(0.9).v", "dend(0.5).n_hh"):
            net.record(each, verbose=False)
        found[name] = path, net
    return found


def set_values(net: jx.Network) -> None:
    net.set("celsius", 11.0)
    net.section("dend").set("gnabar_hh", 0.2)
    net.section("soma").set("Ra", 60.0)
    net.section("dend").loc(0.1).set("diam", 3.0)
    net.set("v", -62.0)
    net.section("soma").set("m_hh", 0.4)


def more_mechanisms(net: jx.Network) -> None:
    net.section("dend").insert("pas")
    net.section("dend").set("g_pas", 3e-4)
    net.section("soma").delete_channel("hh")
    net.section("soma").insert("pas")


def other_values(net: jx.Network) -> None:
    net.set("celsius", 11.0)
    net.section("dend").loc(0.3).set("n_hh", 0.25)
    net.section("soma").set("v", -60.0)


EDITS = {
    "values": (
        "plain",
        set_values,
        "h.celsius, h.v_init, h.soma.Ra = 11, -62, 60\nh.dend(0.1).diam = 3\nfor s in h.dend: s.hh.gnabar = 0.2\n",
        "h.soma(0.5).hh.m = 0.4\n",
    ),
    "mechanisms": (
        "plain",
        more_mechanisms,
        "h.dend.insert('pas'); h.soma.uninsert('hh'); h.soma.insert('pas')\nfor s in h.dend: s.pas.g = 3e-4\n",
        "",
    ),
    "values beside an init of its own": (
        "own",
        other_values,
        "h.celsius = 11\n",
        "h.dend(0.3).hh.n = 0.25; h.soma(0.5).v = -60\n",
    ),
}


@pytest.mark.parametrize("name", EDITS)
def test_edits_of_an_import_are_those_of_neuron(name, loaded, neuron_child, tmp_path):
    which, ours, edit, states = EDITS[name]
    path, imported = loaded[which]
    net = imported.copy()
    ours(net)
    theirs = np.array(neuron_child(THEIRS, path=str(path), edit=edit, states=states)).T
    assert np.ptp(theirs[0]) > 5.0
    np.testing.assert_allclose(jx.integrate(net), theirs, rtol=0, atol=1e-9)
    net.save(tmp_path / "edited.jxn")
    for again in (pickle.loads(pickle.dumps(net)), jx.open(tmp_path / "edited.jxn")):
        np.testing.assert_array_equal(jx.integrate(again), jx.integrate(net))
        again.save(tmp_path / "again.jxn")
        assert (tmp_path / "again.jxn").read_bytes() == (tmp_path / "edited.jxn").read_bytes()


def test_what_a_start_takes_from_neuron_is_settled_with_the_model_as_it_was_imported(loaded):
    """Other kinetics change what INITIAL gives; that is no reason to take NEURON's values for it."""
    _, net = loaded["own"]
    before = net.import_report[["place", "found"]].values.tolist()
    edited = net.copy()
    edited.set("v", -40.0)
    assert edited.import_report[["place", "found"]].values.tolist() == before
    n_hh = float(jx.integrate(edited, t_max=0.025)[2, 0])
    assert n_hh == 0.5, "the value that the model's own init gave"


def test_the_table_shows_the_voltages_that_a_run_starts_from(loaded):
    _, net = loaded["own"]
    started = jx.integrate(net, t_max=0.025)[:2, 0]
    np.testing.assert_array_equal(net.section("dend").loc(0.9).nodes["v"], started[1])
    np.testing.assert_array_equal(net.section("soma").nodes["v"], started[0])
    assert started.tolist() == [-65.0, -50.0]


@pytest.mark.long
def test_the_gradient_by_a_starting_voltage_of_an_import_is_there_at_its_present_value(loaded):
    net = loaded["plain"][1].copy()
    net.section("soma").make_trainable("v", verbose=False)

    @jax.jit
    @jax.value_and_grad
    def late(params: Any) -> Any:
        return jx.integrate(net, params, t_max=0.5)[0, -1]

    def at(v: float) -> Any:
        return late([{"v": np.array([v])}])[0]

    found = late(net.get_parameters())[1][0]["v"][0]
    quotients = [(at(-65.0 + h) - at(-65.0 - h)) / (2 * h) for h in (2e-3, 1e-3)]
    np.testing.assert_allclose(found, (4 * quotients[1] - quotients[0]) / 3, rtol=1e-6)
    assert abs(found) > 0.1


GAPS = """
create one, two
one { L = 20 diam = 20 insert hh }
two { L = 100 diam = 3 nseg = 3 insert hh }
objref gaps[2], clamp
one gaps[0] = new GapEnd(0.5)
two gaps[1] = new GapEnd(1)
setpointer gaps[0].vother, two.v(1)
setpointer gaps[1].vother, one.v(0.5)
one clamp = new IClamp(0.5)
clamp.del = 1
clamp.dur = 1
clamp.amp = 1
access one
tstop = 5
usetable_hh = 0
"""


def test_graded_synapses_of_an_import_are_edges(neuron_child, mod_library, tmp_path):
    """Read, set, connected anew and deleted as those that ``connect`` makes; then NEURON's of the same edits."""
    (tmp_path / "model.hoc").write_text(GAPS)
    library = mod_library(Path(__file__).parents[2] / "validation" / "models" / "constructs")
    net = jx.load(tmp_path / "model.hoc", mod=library)
    assert net.synapse_names == ["GapEnd"]
    table = net.GapEnd.edges[["pre_index", "post_index", "pre_locs", "post_locs", "g_GapEnd"]]
    assert table.to_numpy().tolist() == [[3, 0, 1.0, 0.5, 0.002], [0, 3, 0.5, 1.0, 0.002]]
    net.delete_recordings()
    for each in ("one(0.5).v", "two(0.5).v", "GapEnd[1].i"):
        net.record(each, verbose=False)
    net.GapEnd.edge(1).set("g_GapEnd", 0.03)
    net.set("GapEnd[0].g", 0.04)
    assert net.GapEnd.get("g_GapEnd").tolist() == [0.04, 0.03]
    jx.connect(net.section("one").loc(0.5), net.section("two").loc(0.5), "GapEnd")
    net.GapEnd.edge(2).set("g_GapEnd", 0.01)
    net.GapEnd.edge(0).delete()
    theirs = neuron_child(
        """
h.load_file("stdrun.hoc")
h.load_file(given["path"])
h.gaps[1].g = 0.03
more = h.GapEnd(h.two(0.5))
more.g = 0.01
h.setpointer(h.one(0.5)._ref_v, "vother", more)
watched = [h.Vector().record(each) for each in (h.one(0.5)._ref_v, h.two(0.5)._ref_v, h.gaps[1]._ref_i)]
h("gaps[0].g = 0")
h.run()
give([list(each) for each in watched])
""",
        libraries=[library],
        path=str(tmp_path / "model.hoc"),
    )
    assert np.ptp(theirs[1]) > 20.0 and np.ptp(theirs[2]) > 0.1
    np.testing.assert_allclose(jx.integrate(net), theirs, rtol=0, atol=1e-9)
    net.save(tmp_path / "edited.jxn")
    again = jx.open(tmp_path / "edited.jxn")
    assert again.edges.equals(net.edges)
    np.testing.assert_array_equal(jx.integrate(again), jx.integrate(net))

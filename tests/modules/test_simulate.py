"""Whole models through the doors: loaded, run, started from NEURON's state, and stopped where numbers end."""

from __future__ import annotations

import dataclasses
import re
import subprocess
import sys
import warnings

import jax
import numpy as np
import pytest

import jxneuron as jx
from jxneuron.errors import ModelError, NmodlError
from jxneuron.modules.simulate import prepare, run_model, start

CABLE = """
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
tstop = 20
"""

# A model that initialises itself: states, a reversal potential and one voltage are not what INITIAL gives.
OWN_INIT = (
    CABLE
    + """
proc init() {
    finitialize(v_init)
    soma.m_hh(0.5) = 0.3
    dend.n_hh(0.5) = 0.5
    soma.ek = -70
    dend.v(0.9) = -50
    fcurrent()
}
"""
)

RUN = """
h.load_file("stdrun.hoc")
h.load_file(given["path"])
h.stdinit()
rows = [h.soma(0.5).v]
while h.t < h.tstop - h.dt / 2:
    h.fadvance()
    rows.append(h.soma(0.5).v)
give(rows)
"""


@pytest.fixture
def hoc(tmp_path):
    def write(text: str):
        path = tmp_path / "model.hoc"
        path.write_text(text)
        return path

    return write


def test_a_first_run_compiles_the_start_and_the_run_alone(hoc, caplog):
    """Each small operation outside of them would cost as long as a run of seconds."""
    net = jx.load(hoc(OWN_INIT.replace("L = 200", "L = 201")))
    jax.clear_caches()
    with jax.log_compiles():
        assert np.isfinite(jx.integrate(net, t_max=1.0)).all()
    compiled = [re.match(r"Compiling (?:jit\()?(\w+)", each.getMessage()) for each in caplog.records]
    assert [each[1] for each in compiled if each] == ["start", "run"]


def test_a_loaded_model_runs_as_in_neuron(hoc, neuron_child):
    path = hoc(CABLE)
    net = jx.load(path)
    assert net.sections == ("soma", "dend")
    assert list(net.recordings["name"]) == ["soma(0.5).v", "dend(1).v"]
    ours = jx.integrate(net)
    theirs = np.array(neuron_child(RUN, path=str(path)))
    assert ours.shape == (2, len(theirs))
    assert np.max(theirs) > 0
    np.testing.assert_allclose(ours[0], theirs, rtol=0, atol=1e-9)


def test_save_and_open_give_the_same_run(hoc, tmp_path):
    net = jx.load(hoc(CABLE))
    net.save(tmp_path / "cable.jxn")
    again = jx.open(tmp_path / "cable.jxn")
    np.testing.assert_array_equal(jx.integrate(again, t_max=5.0), jx.integrate(net, t_max=5.0))


def test_auto_takes_what_differs_from_our_initial_and_says_so(hoc, neuron_child):
    path = hoc(OWN_INIT)
    net = jx.load(path)
    model = net.model
    result = run_model(model)
    assert set(net.import_report["place"]) == {note.place for note in result.notes}
    theirs = np.array(neuron_child(RUN, path=str(path)))
    np.testing.assert_allclose(result.records["soma(0.5).v"], theirs, rtol=0, atol=1e-9)
    taken = {note.place for note in result.notes}
    assert {"v", "hh.m", "hh.n"} <= taken
    assert all("gradients do not pass" in note.done for note in result.notes)
    ours = run_model(model, init="ours").records["soma(0.5).v"]
    assert np.max(np.abs(ours - theirs)) > 1.0


def test_a_gradient_says_what_the_start_does_not_contain(hoc):
    net = jx.load(hoc(OWN_INIT))
    net.make_trainable("gnabar_hh", verbose=False)

    def late(params, init):
        return jx.integrate(net, params, t_max=0.1, init=init)[0, -1]

    def trace_gradient(init):
        jax.eval_shape(lambda params: jax.grad(late)(params, init), net.get_parameters())

    with pytest.warns(UserWarning, match=r"gradients do not pass through what the start takes from NEURON: .*hh\.m"):
        trace_gradient(None)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        trace_gradient("ours")
        late(net.get_parameters(), None)


def test_what_is_recorded_at_the_start_is_neurons_where_a_state_was_taken(hoc, neuron_child):
    path = hoc(OWN_INIT.replace("    fcurrent()\n", ""))
    net = jx.load(path)
    net.record("soma(0.5).ina")
    theirs = neuron_child(
        'h.load_file("stdrun.hoc"); h.load_file(given["path"]); h.stdinit(); give(h.soma(0.5).ina)', path=str(path)
    )
    assert jx.integrate(net, t_max=1.0)[-1, 0] == pytest.approx(theirs, rel=1e-12)


def test_parameters_are_recorded_as_what_they_are(hoc):
    net = jx.load(hoc(CABLE))
    for name in ("IClamp[0].amp", "dend(0.5).gnabar_hh"):
        net.record(name)
    rows = jx.integrate(net, t_max=0.1)
    assert np.array_equal(rows[-2:], np.full((2, 5), [[0.5], [0.12]]))


SCALED = """
NEURON {{
    SUFFIX scaled
    NONSPECIFIC_CURRENT i
    RANGE tau{shown}
}}
PARAMETER {{ tau = 2 }}
ASSIGNED {{ v i rate }}
INITIAL {{
    tau = tau*0.5
    rate = 1/tau
}}
BREAKPOINT {{ i = 1e-4*rate*(v + 70) }}
"""


@pytest.mark.parametrize("shown", ["", ", rate"])
def test_what_neuron_does_not_show_is_not_guessed(hoc, tmp_path, shown):
    """INITIAL halves tau again each time; with rate in sight, NEURON's values are taken, as the note says."""
    folder = tmp_path / "mod"
    folder.mkdir()
    (folder / "scaled.mod").write_text(SCALED.format(shown=shown))
    path = hoc("create soma\naccess soma\ninsert scaled\ntstop = 20\n")
    net = jx.load(path, mod=folder, after="finitialize(-60)")
    net.record("v")
    if shown:
        assert jx.compare(path, mod=str(folder), record=["soma(0.5).v"]).ok
    else:
        with pytest.raises(ModelError, match=r"INITIAL of scaled changes its PARAMETER tau .*: declare rate RANGE"):
            jx.integrate(net)


def test_nothing_is_taken_where_initial_agrees(hoc):
    model = jx.load(hoc(CABLE)).model
    assert run_model(model, t_stop=1.0).notes == ()


def test_ours_and_neuron_start_from_the_same_state(hoc):
    simulation = prepare(jx.load(hoc(CABLE)).model)
    ours, _ = start(simulation, 0.025, "ours")
    theirs, _ = start(simulation, 0.025, "neuron")
    for variable in ("m", "h", "n"):
        np.testing.assert_allclose(ours.mech["hh"][variable], theirs.mech["hh"][variable], rtol=1e-12)


def test_a_value_that_is_no_number_names_step_mechanism_and_compartment(hoc):
    model = jx.load(hoc(CABLE)).model
    bad = [
        dataclasses.replace(place, values={**place.values, "amp": np.array([np.nan])})
        if place.mechanism == "IClamp"
        else place
        for place in model.placements
    ]
    with pytest.raises(jx.NonFinite, match=r"step 41 .*i of mechanism IClamp in soma\(0.5\)"):
        run_model(dataclasses.replace(model, placements=tuple(bad)))


def test_what_is_not_supported_stops_the_import_unless_not_strict(hoc):
    path = hoc(CABLE + "soma { fstim(1) fstim(0, 0.5, 1, 1, 1) }\n")
    with pytest.raises(jx.Unsupported) as raised:
        jx.load(path)
    assert any("fstim" in finding.found for finding in raised.value.findings)
    report = jx.load(path, strict=False).import_report
    assert list(report.columns) == ["kind", "place", "found", "done"]
    assert report["found"].str.contains("fstim").any()


def test_nothing_recorded_is_an_error(hoc):
    net = jx.load(hoc(CABLE))
    net.delete_recordings()
    with pytest.raises(jx.ModelError, match="nothing is recorded"):
        jx.integrate(net)


def test_record_names_what_is_near(hoc):
    net = jx.load(hoc(CABLE))
    with pytest.raises(jx.ModelError, match="soma"):
        net.record("somma(0.5).v")
    net.record("dend(0.5).m_hh")
    assert jx.integrate(net, t_max=1.0).shape == (3, 41)


FROM_NEURON = """
import jax
jax.config.update("jax_enable_x64", True)
import jxneuron as jx
h.load_file("stdrun.hoc")
h.load_file(given["path"])
h.stdinit()
h.distance(0, h.dend(0.3))
def seen():
    origin = [h.distance(each) for each in (h.soma(0.5), h.dend(0.3), h.dend(1))]
    names = [each.name() for each in h.allsec()]
    return [h.t, h.dt, h.cas().name(), origin, names, int(h.List("IClamp").count()), h.soma(0.5).v, h.dend(0.9).m_hh]
before = seen()
net = jx.from_neuron()
left = before == seen(), before[3]
net.record("soma(0.5).v")
rows = [h.soma(0.5).v]
for _ in range(400):
    h.fadvance()
    rows.append(h.soma(0.5).v)
give([left, rows, jx.integrate(net, t_max=10.0)[0]])
"""


def test_a_running_session_is_taken_over_and_left_as_it_was(hoc, neuron_child):
    left, theirs, ours = neuron_child(FROM_NEURON, path=str(hoc(CABLE)))
    assert left == [True, [70.0, 0.0, 140.0]], "origin of distance() and all else"
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)


def test_from_neuron_without_a_session_says_what_to_do():
    with pytest.raises(jx.ModelError, match="import neuron"):
        jx.from_neuron()


def test_a_mechanism_file_may_hold_latin_1_and_a_binary_one_is_refused(tmp_path):
    good, bad = tmp_path / "good.mod", tmp_path / "bad.mod"
    good.write_bytes(
        b"COMMENT\ncaf\xe9\nENDCOMMENT\nNEURON { SUFFIX leak2 RANGE g NONSPECIFIC_CURRENT i }\n"
        b"PARAMETER { g = 1e-4 }\nASSIGNED { v i }\nBREAKPOINT { i = g*v }\n"
    )
    bad.write_bytes(b"\x00\xff" * 50)
    assert jx.mechanism(good).name == "leak2"
    with pytest.raises(NmodlError, match="not a text file"):
        jx.mechanism(bad)


def test_a_mod_file_that_does_not_compile_is_told_with_its_line(hoc, tmp_path):
    folder = tmp_path / "mods"
    folder.mkdir()
    (folder / "leaky.mod").write_text(
        "NEURON {\n    SUFFIX leaky\n    NONSPECIFIC_CURRENT i\n}\nASSIGNED { v i }\nBREAKPOINT { i = g*(v + 65) }\n"
    )
    with pytest.raises(jx.NmodlError, match=r"leaky\.mod:6 .*g") as raised:
        jx.load(hoc(CABLE), mod=[folder])
    assert len(raised.value.findings) == 1


def test_the_report_of_a_float32_process_says_what_was_not_compared(hoc, tmp_path):
    jx.load(hoc(CABLE)).save(tmp_path / "cable.jxn")
    code = f"import jxneuron as jx; print(jx.open({str(tmp_path / 'cable.jxn')!r}).import_report.to_string())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "jax_enable_x64" in done.stdout, done.stderr

"""Lock-step finds nothing in a sound model, and names a planted fault: mechanism, variable, compartment, phase."""

from __future__ import annotations

import dataclasses
import importlib.util
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from jxneuron import case as cases
from jxneuron.compare import diagnose, html, origin, report, snapshots
from jxneuron.compare.comparison import Comparison, compare
from jxneuron.compare.diagnose import INITIAL, TOLERANCE, Defect, Diagnosis, measure
from jxneuron.compare.snapshots import Snapshots
from jxneuron.errors import ChildFailed, ModelError
from jxneuron.model.model import Model

CELL = """
create soma, dend, twig, back
connect dend(0), soma(1)
connect twig(0), dend(0.3)
connect back(1), dend(1)
soma { L = 20 diam = 20 nseg = 3 }
dend { L = 300 diam = 2 nseg = 5 }
twig { L = 150 diam = 1 nseg = 2 }
back { L = 120 diam = 1.5 nseg = 3 }
forall { Ra = 120 insert pas }
soma insert hh
dend insert hh
back insert hh
objref clamp
soma clamp = new IClamp(0.5)
{ clamp.del = 1 clamp.dur = 6 clamp.amp = 0.9 }
celsius = 9.5
tstop = 10
"""

CALCIUM = """
create soma, dend
connect dend(0), soma(1)
soma { L = 20 diam = 20 insert cachan insert cadifpmp insert nacax insert pas pcabar_cachan = 2e-6 }
dend { L = 100 diam = 2 insert cachan insert cadifpmp insert pas nseg = 2 }
objref clamp
soma clamp = new IClamp(0.5)
{ clamp.del = 0.5 clamp.dur = 2 clamp.amp = 0.5 }
tstop = 3
"""

DELICATE = """
create soma
soma { L = 20 diam = 20 insert hh insert pas insert ahead insert drift insert onward insert leftover }
objref clamp
soma clamp = new IClamp(0.5)
{ clamp.del = 0.5 clamp.dur = 2 clamp.amp = 0.5 }
tstop = 3
"""
MOD = Path(__file__).parents[2] / "mod"


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Snapshots:
    return take(tmp_path_factory.mktemp("cell"), CELL, around=[4.0])


@pytest.fixture(scope="module")
def calcium(tmp_path_factory: pytest.TempPathFactory) -> Snapshots:
    spec = importlib.util.find_spec("neuron")
    assert spec is not None and spec.submodule_search_locations
    demo = Path(spec.submodule_search_locations[0]) / ".data/share/nrn/demo/release/x86_64/libnrnmech.so"
    return take(tmp_path_factory.mktemp("calcium"), CALCIUM, mod=[str(demo)])


def take(folder: Path, text: str, *, mod: Sequence[str] = (), around: Sequence[float] = ()) -> Snapshots:
    (folder / "cell.hoc").write_text(text)
    return snapshots.take(cases.read(folder / "cell.hoc", mod=mod), folder / "run", around=around, timeout=120)


def with_text(model: Model, mechanism: str, old: str, new: str) -> Model:
    """The model with one piece of a mechanism's generated code replaced."""
    [source] = [each for each in model.sources if each.mechanism == mechanism]
    assert source.python.count(old) == 1, f"{old!r} stands {source.python.count(old)} times in\n{source.python}"
    wrong = dataclasses.replace(source, python=source.python.replace(old, new))
    return dataclasses.replace(model, sources=tuple(wrong if each is source else each for each in model.sources))


def with_value(model: Model, mechanism: str, variable: str, instance: int, factor: float) -> Model:
    """The model with one parameter of one instance (GLOBAL: instance -1) scaled."""
    [placement] = [each for each in model.placements if each.mechanism == mechanism]
    if instance < 0:
        new = {"globals": {**placement.globals, variable: factor * placement.globals[variable]}}
    else:
        new = {"values": {**placement.values, variable: scaled(placement.values[variable], instance, factor)}}
    wrong = dataclasses.replace(placement, **new)
    return dataclasses.replace(model, placements=tuple(wrong if p is placement else p for p in model.placements))


def with_node(model: Model, variable: str, node: int, factor: float) -> Model:
    wrong = {variable: scaled(getattr(model.nodes, variable), node, factor)}
    return dataclasses.replace(model, nodes=dataclasses.replace(model.nodes, **wrong))


def scaled(values: Any, at: int, factor: float) -> Any:
    values = np.array(values)
    values[at] *= factor
    return values


def node_of(model: Model, section: str, segment: int) -> int:
    [found] = [each for each in model.sections if each.name == section]
    return found.centres[segment]


def first(found: Diagnosis) -> tuple[str, str, str]:
    """Name, place and phase of the defect that ranks first."""
    return found.defects[0].name, found.defects[0].place, found.defects[0].phase


def names(found: Diagnosis) -> set[str]:
    return {defect.name.partition("[")[0] for defect in found.defects}


def test_a_sound_model_has_no_defect(taken: Snapshots) -> None:
    found = measure(taken)
    assert found.beyond == ()
    assert 0 < found.worst.relative <= TOLERANCE
    assert found.whole.relative <= TOLERANCE
    # It looked: at the start, around the spike and near 4 ms, at every mechanism and ion, at moving values.
    assert {0, 1} <= set(taken.steps) and any(abs(0.025 * k - 4.0) < 0.06 for k in taken.steps)
    assert {"v", "hh.m", "hh.gna", "pas.i", "na_ion.ena", "na_ion.ina", "IClamp.i"} <= names(found)
    v = [taken.sessions[k].initial.v.max() for k in taken.steps]  # type: ignore[union-attr]
    assert max(v) > 0 and min(v) < -60


def test_a_sound_model_of_calcium_has_no_defect(calcium: Snapshots) -> None:
    found = measure(calcium)
    assert found.beyond == ()
    assert found.whole.relative <= TOLERANCE
    assert {"cachan.oca", "cadifpmp.ca", "cadifpmp.ica_pmp", "ca_ion.eca", "ca_ion.cai", "ca_ion.ica"} <= names(found)


@pytest.fixture(scope="module")
def delicate(tmp_path_factory: pytest.TempPathFactory) -> Snapshots:
    return take(tmp_path_factory.mktemp("delicate"), DELICATE, mod=[str(MOD / "lockstep")], around=[1.0, 1.5])


def test_a_written_reversal_potential_is_the_one_that_each_mechanism_saw(delicate: Snapshots) -> None:
    found = measure(delicate)
    assert found.beyond == ()
    assert found.whole.relative <= TOLERANCE
    exs = np.array([ion.e[0] for k in delicate.steps for ion in delicate.sessions[k].ions if ion.name == "xs"])
    assert np.ptp(exs) > 1.0  # it moves: what is written before and after the voltage is not the same


def test_a_fault_in_a_written_reversal_potential(delicate: Snapshots) -> None:
    found = measure(delicate, with_text(delicate.model, "drift", "-60.0 + moved", "-60.0 + 1.001 * moved"))
    wrong = {defect.name for defect in found.beyond if defect.step >= 0}
    assert {"xs_ion.exs", "onward.i"} <= wrong and "ahead.i" not in wrong


def test_rounding_that_a_step_amplifies_is_no_defect_and_is_said(delicate: Snapshots) -> None:
    found = measure(delicate)
    [c] = [each for each in found.amplified if each.name == "leftover.c"]
    assert c.relative > TOLERANCE and 0 < c.absolute < 1e-14  # of states that add up to 1
    assert 0 < c.rounding < 1e-14
    assert found.worst.name not in {each.name for each in found.amplified}
    assert "leftover.c: rounding decides the value" in report.diagnosis_line(found)


def test_states_of_one_linear_system_share_its_rounding(delicate: Snapshots, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(diagnose, "KICK", 0.0)  # so that nothing but the system's size says what rounding is
    found = measure(delicate)
    [c] = [each for each in found.amplified if each.name == "leftover.c"]
    assert c.relative > TOLERANCE and 1e-16 < c.rounding < 2.3e-16  # the last digit of states that add up to 1
    wrong = measure(delicate, with_value(delicate.model, "leftover", "rate", 0, 1.01))
    assert first(wrong) == ("leftover.c", "soma(0.5)", "states")


def test_a_fault_in_a_variable_that_amplifies_rounding(delicate: Snapshots) -> None:
    found = measure(delicate, with_value(delicate.model, "leftover", "rate", 0, 1.01))
    assert first(found) == ("leftover.c", "soma(0.5)", "states")
    assert [each.name for each in found.beyond if each.step >= 0] == ["leftover.c"]


def test_where_neuron_has_no_number_is_said_and_is_no_defect(taken: Snapshots) -> None:
    k = taken.steps[1]
    session = taken.sessions[k + 1]
    [twig] = [each for each in session.sections if each.name == "twig"]
    assert session.initial is not None
    v = np.array(session.initial.v)
    v[twig.node_at_1] = np.nan  # an end, where no mechanism sees it
    without = dataclasses.replace(session, initial=dataclasses.replace(session.initial, v=v))
    found = measure(dataclasses.replace(taken, sessions={**taken.sessions, k + 1: without}))
    assert found.beyond == () and found.amplified == () and found.worst.relative <= TOLERANCE
    [v_there] = found.undefined
    assert (v_there.name, v_there.place, v_there.step) == ("v", "twig(1)", k)
    assert "NEURON itself gives nan for v in twig(1), ours -6" in report.diagnosis_line(found)


def test_a_constant_in_a_rate(taken: Snapshots) -> None:
    found = measure(taken, with_text(taken.model, "hh", "4.0 * exp(", "4.004 * exp("))
    worst = found.defects[0]
    assert (worst.mechanism, worst.phase) == ("hh", "states")
    assert worst.variable in ("m", "minf", "mtau")
    assert "hh.mod:" in worst.line and worst.line.startswith(f"{worst.variable} = ")
    wrong = {defect.name for defect in found.beyond if defect.step >= 0}
    assert wrong == {"hh.m", "hh.minf", "hh.mtau"}


def test_a_tables_values(taken: Snapshots) -> None:
    model = with_text(
        taken.model, "hh", "tabulate(lambda v: rates_exact(v,", "tabulate(lambda v: rates_exact(v + 1e-4,"
    )
    worst = measure(taken, model).defects[0]
    assert (worst.mechanism, worst.phase) == ("hh", "states")


def test_a_reversal_potential(taken: Snapshots) -> None:
    node = node_of(taken.model, "twig", 1)
    [pas] = [each for each in taken.model.placements if each.mechanism == "pas"]
    instance = pas.node.tolist().index(node)
    found = measure(taken, with_value(taken.model, "pas", "e", instance, 1.001))
    assert first(found) == ("pas.i", "twig(0.75)", "currents")
    assert "passive.mod:23" in found.defects[0].line
    [at_v] = [defect for defect in found.beyond if defect.name == "v"]
    assert at_v.place == "twig(0.75)"


def test_a_reversal_potential_of_an_ion(taken: Snapshots) -> None:
    ions = tuple(dataclasses.replace(each, e=each.e + 1e-3 * (each.name == "k")) for each in taken.model.ions)
    found = measure(taken, dataclasses.replace(taken.model, ions=ions))
    assert (found.defects[0].name, found.defects[0].phase) == ("k_ion.ek", "initial")


@pytest.mark.parametrize("variable", ["area", "half_in"])
def test_a_compartments_geometry(taken: Snapshots, variable: str) -> None:
    node = node_of(taken.model, "dend", 2)
    found = measure(taken, with_node(taken.model, variable, node, 1.001))
    assert first(found) == ("v", "dend(0.5)", "solve")
    assert [defect.name for defect in found.beyond] == ["v"]


def test_a_global_and_what_reads_it(calcium: Snapshots) -> None:
    found = measure(calcium, with_value(calcium.model, "cachan", "taufactor", -1, 1.001))
    assert found.defects[0].name == "cachan.oca"
    assert found.defects[0].phase == "states"
    assert "camchan.mod:" in found.defects[0].line


def test_a_flux_that_moves_a_concentration(calcium: Snapshots) -> None:
    model = with_text(calcium.model, "cadifpmp", "* PI * diam * 1.0 * 10000.0", "* PI * diam * 1.0 * 10010.0")
    found = measure(calcium, model)
    worst = found.defects[0]
    assert (worst.mechanism, worst.phase) == ("cadifpmp", "states")
    assert {"cadifpmp.ca", "ca_ion.cai"} <= {defect.name.partition("[")[0] for defect in found.beyond}


def test_an_initial_value(taken: Snapshots) -> None:
    found = measure(taken, with_text(taken.model, "hh", "    h = hinf  #", "    h = 0.999 * hinf  #"))
    worst = found.defects[0]
    assert (worst.name, worst.phase) == ("hh.h", "initial")
    assert "h = 0.999 * hinf" in worst.line


GENERATED = """
def inner(v):
    x = 1.0  # a.mod:3
    x = 2.0 * v  # a.mod:4
    return x

def other(x):
    y = x  # a.mod:9
    return y

def advance(p, s, v, env):
    x = s["x"]
    x = inner(v)  # a.mod:7
    y = other(
        x)  # a.mod:8
    z, w = solved(x), 1.0  # a.mod:5
    return {"x": x, "y": y, "z": z}
"""


@pytest.mark.parametrize(
    "variable, line",
    [("x", "x = 2.0 * v  # a.mod:4"), ("y", "y = x  # a.mod:9"), ("w", "z, w = solved(x), 1.0  # a.mod:5"), ("q", "")],
)
def test_the_line_that_computes_a_variable(variable: str, line: str) -> None:
    assert origin.line(GENERATED, "states", variable) == line


def test_what_is_solved_for_together() -> None:
    python = GENERATED.replace("y = other(\n        x)", "(y, q), _ = sparse(\n        x)")
    assert origin.together(python, "states", "y") == {"y", "q", "_"}
    assert origin.together(python, "states", "x") == {"x"}
    assert origin.together(python, "states", "z") == {"z"}  # a tuple, and no solution
    assert origin.together(python, "states", "absent") == {"absent"}


def test_steps_to_look_at() -> None:
    assert {0, 1, 99} <= snapshots.choose(100, [])
    assert {37, 38, 39} <= snapshots.choose(100, [40.0])
    assert snapshots.choose(1, [0.0, 5.0]) == {0}


def test_chosen_steps_and_no_others(tmp_path: Path) -> None:
    (tmp_path / "cell.hoc").write_text(CELL)
    case = cases.read(tmp_path / "cell.hoc")
    chosen = snapshots.take(case, tmp_path / "run", steps=[40, 3], timeout=120)
    assert chosen.steps == (3, 40) and set(chosen.sessions) == {2, 3, 4, 39, 40, 41}
    with pytest.raises(ModelError, match="there is no step 400: the run has steps 0 to 399"):
        snapshots.take(case, tmp_path / "again", steps=[3, 400], timeout=120)


HOOKS = """
def advance(p, s, v, env):
    x = s["x"] + v  # a.mod:7
    return {"x": x}

def after_solve(p, s, v, env):
    x = 2.0 * s["x"]  # a.mod:9
    return {"x": x}
"""


def test_a_variable_that_several_phases_write_is_said_to_be_of_all() -> None:
    assert diagnose._phase("x", {"currents": {"x": 0}, "states": {"x": 0}, "after solve": {"x": 0}}) == (
        "states, after solve"
    )
    assert diagnose._phase("x", {"before breakpoint": {"x": 0}, "currents": {"x": 0}}) == "currents"
    assert diagnose._phase("x", {"currents": {}, "states": {"y": 0}}) == "initial"
    assert origin.line(HOOKS, "states, after solve", "x").endswith("# a.mod:9")
    assert origin.line(HOOKS, "states, diffusion", "x").endswith("# a.mod:7")


def test_the_whole_way_through_child_processes(tmp_path: Path) -> None:
    (tmp_path / "one.hoc").write_text(
        "create soma\nsoma { L = 20 diam = 20 insert hh }\nobjref clamp\nsoma clamp = new IClamp(0.5)\n"
        "{ clamp.dur = 1 clamp.amp = 0.5 }\ntstop = 2\n"
    )
    result = compare(tmp_path / "one.hoc", timeout=120, diagnose=True)
    assert result.status == "within" and result.diagnosis is not None
    assert result.diagnosis.beyond == () and result.diagnosis.whole.relative <= TOLERANCE
    assert result.diagnosis.steps[0] == 0 and len(result.diagnosis.steps) > 4
    rows = {(row["mechanism"], row["variable"]) for row in result.json["defects"]}
    assert {("", "v"), ("hh", "m"), ("na_ion", "ina")} <= rows


def test_the_defects_in_the_reports(tmp_path: Path) -> None:
    wrong = Defect("hh", "m", "dend[2](0.5)", "states", 3e-4, 2e-4, 0.6, 0.6002, 40, 1.025, "m = [wrong]  # hh.mod:84")
    early = dataclasses.replace(wrong, variable="h", phase="initial", step=INITIAL, ours=np.inf, relative=np.inf)
    result = Comparison(cases.make({"title": "cell", "before": ["create soma"]}), "beyond")
    assert "defects" not in result.json
    assert "--diagnose" in shown(result)
    result = dataclasses.replace(result, diagnosis=Diagnosis((wrong, early), wrong, (0, 40)))
    for text in (shown(result), html.render(result)):
        for part in (
            "hh.m",
            "dend[2](0.5)",
            "states",
            "0.0003",
            "1.025 ms",
            "m = [wrong]  # hh.mod:84",
            "INITIAL leaves 1",
        ):
            assert part in text
    result.save_json(tmp_path / "report.json")
    first, second = json.loads((tmp_path / "report.json").read_text())["defects"]
    assert first == dataclasses.asdict(wrong)
    assert second["ours"] is None and second["phase"] == "initial"


def shown(result: Comparison) -> str:
    """The report as a wide terminal shows it."""
    console = Console(file=io.StringIO(), width=200)
    report.show(result, console)
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_a_diagnosis_that_fails_is_a_finding(tmp_path: Path, standin, monkeypatch: pytest.MonkeyPatch) -> None:
    standin()
    monkeypatch.setattr(diagnose, "diagnose", fails)
    (tmp_path / "one.hoc").write_text("create soma\nsoma insert hh\nv_init = -40\ntstop = 1\n")
    result = compare(tmp_path / "one.hoc", timeout=120, diagnose=True)
    assert result.status == "within" and result.diagnosis is None
    assert any("the child crashed" in finding.found for finding in result.findings)


def fails(case: cases.Case, **keys: Any) -> Diagnosis:
    raise ChildFailed("the child crashed")

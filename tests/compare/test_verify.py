"""Verification: sound mechanisms pass, a planted fault is named, mutants pass, what NEURON refuses is said."""

from __future__ import annotations

import dataclasses
import importlib.util
import io
import json
import math
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

from jxneuron.compare import judge, rounding
from jxneuron.compare.sampling import HIGHEST, LOWEST, voltages
from jxneuron.compare.verdicts import as_data, kind, show
from jxneuron.compare.verify import Verdict, verify, verify_folder
from jxneuron.nmodl import mutate, translate
from jxneuron.nmodl.check import read_text

ROOT = Path(__file__).resolve().parents[2]
SOUND = ("features/lookup", "features/electrode", "features/indices", "phases/setter", "phases/moments")
CONSTRUCTS = ROOT / "validation" / "models" / "constructs"
POINTING = ("kremote", "regulate")  # one reads through its POINTER, one writes
HARD = Path(__file__).parent / "mod"  # what two engines compute alike and round differently
JUDGED = ("cancels", "lost", "looked_up", "stiff", "edge", "no_current", "hidden")
ONCE = ("hidden",)  # with what a fresh process holds, one setting for each
CURRENT = {("current", "i"), ("current", "current"), ("initial", "i"), ("step", "i"), ("step", "v")}
RATES = {("initial", "m"), ("step", "m"), ("initial", "minf"), ("step", "mtau")}
# Faults: what is changed in the generated Python of a copy, and which quantities tell of it.
FAULTS = {
    ("hh", "rate"): ("4.0 * exp(-(v + 65.0) / 18.0)", "4.01 * exp(-(v + 65.0) / 18.0)", RATES),
    ("hh", "leak"): ("gl * (v - el)", "gl * (v - 1.001 * el)", {("current", "il"), ("current", "current")}),
    ("cancels", "term"): ("v + a - v - a", "v + a - v - 1.000001 * a", {(p, "d") for p in judge.PHASES}),
    ("cancels", "sign"): ("+ 1e-9 * a + s_", "- 1e-9 * a + s_", CURRENT),
    ("cancels", "number"): ("log(v)", "log(power(v * v, 0.5))", {(p, "l") for p in judge.PHASES}),
    ("lost", "state"): ("exp(v / 50.0), 0.3)", "exp(v / 50.0), 0.3000003)", {("step", "p1"), ("step", "p2")}),
    ("stiff", "small"): ("0.4, 700.0", "0.400004, 700.0", {("step", "l1"), ("step", "l2")}),
    ("edge", "equal"): ("m < minf", "m <= minf", {("step", "tau")}),
    ("edge", "at"): ("v < -40.0", "v <= -40.0", {("initial", "low")}),
    ("no_current", "slope"): ("0.0001 * (v - e", "0.0001 * (1.000001 * v - e", CURRENT | {("current", "slope")}),
    ("looked_up", "table"): ('["both"], v, c)', '["both"], v, 1.000001 * c)', {(p, "x") for p in judge.PHASES}),
}
# What the faults do not reach
SPARED = {"hh": "n h ninf htau gk", "cancels": "m s r inact", "lost": "q", "looked_up": "minf m", "stiff": ""}
SPARED |= {"edge": "whole side i v", "no_current": "c s"}


def package(name: str, *inside: str) -> Path:
    spec = importlib.util.find_spec(name)
    assert spec is not None and spec.submodule_search_locations, f"{name} is not installed: pip install -e '.[dev]'"
    return Path(next(iter(spec.submodule_search_locations))).joinpath(*inside)


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    """One build for all: our own files, NEURON's hh, and copies of it with faults."""
    sources = dict(originals())
    texts = [*sources.items(), ("broken", BROKEN), ("stops", STOPS), ("mutant", mutate.make_mutant(sources["hh"], 0))]
    python = {}
    for name in SPARED:
        faulty = mutate.rename(sources[name], f"{name}_faulty")
        texts.append((f"{name}_faulty", faulty))
        python[f"{name}_faulty"] = with_faults(name, translate(faulty, file=f"{name}.mod").python)
    fails = mutate.rename(sources["phases/setter"], "fails")
    texts.append(("fails", fails))
    python["fails"] = translate(fails, file="fails.mod").python.replace("ek = -85.0", "ek = -85.0 / 0.0")
    return {each.file: each for each in verify_folder(None, texts, python=python)}


def with_faults(name: str, python: str) -> str:
    for (original, _), (old, new, _) in FAULTS.items():
        if original == name:
            assert python.count(old) == 1, (old, python)
            python = python.replace(old, new)
    return python


def originals() -> Iterator[tuple[str, str]]:
    """Our own files, NEURON's hh, and what rounds."""
    yield "hh", read_text(package("neuron", ".data", "share", "modfile") / "hh.mod")
    for folder, names in ((ROOT / "mod", SOUND), (CONSTRUCTS, POINTING), (HARD, JUDGED)):
        yield from ((name, read_text(folder / f"{name}.mod")) for name in names)


# The translator takes it, nrnivmodl does not: nothing of that name is declared there
BROKEN = "NEURON { SUFFIX broken RANGE a }\nPARAMETER { a = 1 }\nSTATE { x }\nBREAKPOINT { SOLVE s METHOD cnexp }\n"
BROKEN += "DERIVATIVE s { x' = -x^2 }\n"
# Its equation has no root
STOPS = "NEURON { SUFFIX stops }\nSTATE { x }\nINITIAL { x = 1 }\nBREAKPOINT { SOLVE s }\n"
STOPS += "NONLINEAR s { ~ x*x + 1 = 0 }\n"


@pytest.mark.parametrize("name", [*SOUND, *POINTING, *JUDGED, "hh", "mutant"])
@pytest.mark.long
def test_a_sound_mechanism_is_verified(verdicts: dict[str, Verdict], name: str):
    found = verdicts[name]
    assert found.verdict == "verified", (found.why, found.differing)
    assert found.settings == (3 if name in ONCE else 9)
    assert {each.phase for each in found.quantities} == {"initial", "current", "step"}
    assert max(each.samples for each in found.quantities) >= 40 * found.settings


@pytest.mark.parametrize("fault", FAULTS, ids="-".join)
@pytest.mark.long
def test_a_planted_fault_is_named_with_its_inputs(verdicts: dict[str, Verdict], fault: tuple[str, str]):
    found = verdicts[f"{fault[0]}_faulty"]
    assert found.verdict == "differs"
    named = {(each.phase, each.variable) for each in found.differing}
    assert named & FAULTS[fault][2], named
    assert not {variable for _, variable in named} & set(SPARED[fault[0]].split())
    shown = {
        "hh": {"gnabar", "m"},
        "cancels": {"a"},
        "lost": {"n", "cai", "p2"},
        "looked_up": {"cai", "m"},
        "stiff": {"l2"},
        "edge": {"m"},
        "no_current": {"e", "c"},
    }
    assert {"v", "celsius", "dt"} | shown[fault[0]] <= set(found.differing[0].inputs)


@pytest.mark.parametrize(("name", "variable"), [("edge", "tau"), ("edge", "whole"), ("no_current", "slope")])
def test_what_last_digits_decide_or_no_number_leaves_open_is_left_out(
    verdicts: dict[str, Verdict], name: str, variable: str
):
    """Few samples of many: the others are compared, as the planted faults show."""
    counts = [each for each in verdicts[name].quantities if each.variable == variable and each.left_out]
    assert counts and all(each.left_out < 0.1 * each.samples for each in counts)


def printed(verdicts: list[Verdict], columns: int) -> str:
    console = Console(width=columns, file=io.StringIO(), highlight=False)
    show(verdicts, console)
    return console.file.getvalue()  # pyright: ignore[reportAttributeAccessIssue]


@pytest.mark.long
def test_the_worst_of_each_kind_is_shown_with_its_inputs(verdicts: dict[str, Verdict]):
    """Also of what is verified: INITIAL, currents, slopes, ions written, step."""
    lines = printed([verdicts["hh"]], 100).splitlines()
    assert lines[1] == "verified hh (hh_)"
    kinds = [line.split()[0] for line in lines[2:7]]
    assert kinds == ["INITIAL", "currents", "slopes", "ions", "step"]
    for line in lines[2:7]:
        assert re.search(r" \S+ +\d\.\de[-+]\d\d +\d\.\de[-+]\d\d +\d+/\d+  v=\S+ celsius=\S+ dt=\S+ gnabar=", line), (
            line
        )
    worst = max((q for q in verdicts["hh"].quantities if kind(q) == "INITIAL"), key=lambda each: each.ratio)
    assert worst.variable in lines[2] and f"v={worst.inputs['v']:.6g} " in lines[2]


@pytest.mark.long
def test_what_differs_comes_first_with_all_its_inputs(verdicts: dict[str, Verdict]):
    text = printed([verdicts["hh_faulty"]], 80)
    worst = verdicts["hh_faulty"].differing[0]
    assert worst.variable in text.splitlines()[2]
    flat = " ".join(text.split())
    assert f"{worst.variable} ({worst.phase}): ours {worst.ours!r}, NEURON {worst.neuron!r}" in flat
    assert all(f"{name}={value:.6g}" in flat for name, value in worst.inputs.items())
    assert all(len(line) <= 80 for line in text.splitlines())


@pytest.mark.long
def test_json_has_every_quantity_and_no_number_that_json_does_not_know(verdicts: dict[str, Verdict]):
    odd = dataclasses.replace(verdicts["hh"].quantities[0], ratio=math.nan, ours=math.inf)
    found = as_data([dataclasses.replace(verdicts["hh"], quantities=(*verdicts["hh"].quantities, odd))])
    quantities = json.loads(json.dumps(found, allow_nan=False))["files"][0]["quantities"]
    assert len(quantities) == len(verdicts["hh"].quantities) + 1
    assert all({"v", "celsius", "dt", "gnabar"} <= set(each["inputs"]) for each in quantities)
    assert (quantities[-1]["ratio"], quantities[-1]["ours"]) == ("nan", "inf")


@pytest.mark.long
def test_what_is_no_number_is_the_worst(verdicts: dict[str, Verdict]):
    one = verdicts["hh"].quantities[0]
    wrong = dataclasses.replace(one, ratio=math.nan)
    for order in ([one, wrong], [wrong, one]):
        (found,) = judge.worst(order)
        assert found.differs


@pytest.mark.long
def test_what_neuron_or_we_refuse_is_no_verdict_on_the_others(verdicts: dict[str, Verdict]):
    assert verdicts["broken"].verdict == "wrong"
    assert verdicts["broken"].why


@pytest.mark.long
def test_where_neuron_stops_its_own_words_are_there_once(verdicts: dict[str, Verdict]):
    found = verdicts["stops"]
    assert (found.verdict, found.settings) == ("not run", 0)
    assert found.why.startswith("NEURON stops:") and found.why.count("scopmath library error") == 1


@pytest.mark.long
def test_where_only_ours_fails_that_is_a_difference(verdicts: dict[str, Verdict]):
    found = verdicts["fails"]
    assert found.verdict == "differs" and not found.differing
    assert "ZeroDivisionError" in found.why and "fails.mod:" in found.why


def test_what_is_no_number_in_one_engine_only_differs():
    """Unless ours with other last digits is no number either."""
    v = np.full(2, np.nan)
    for ours, neuron in (([1.0, 1.0], [1.0, np.nan]), ([1.0, np.nan], [1.0, 1.0])):
        alone = compared(ours, neuron, [ours])
        assert alone.differs and alone.left_out == 0
        undecided = compared(ours, neuron, [neuron])
        assert not undecided.differs and undecided.left_out == 1
    both = compared([1.0, np.nan], [1.0, np.nan], [v])
    assert not both.differs and (both.samples, both.finite) == (2, 1)


@pytest.mark.parametrize("moved", [2e-16, -2e-16])
def test_what_is_left_of_large_terms_is_judged_by_them(moved: float):
    """Noise of 2**-40 on terms of size 1 excuses some last digits of 1, and nothing near 1e-9."""
    rest, noise = np.array([moved, 0.0]), np.random.default_rng(0)
    noisy = [rest + judge.NOISE * noise.uniform(-1.0, 1.0, 2) for _ in judge.KICKS]
    assert compared(rest, [0.0, 0.0], [rest]).differs
    assert not compared(rest, [0.0, 0.0], [rest], noisy).differs
    assert compared(rest + 1e-9, [0.0, 0.0], [rest + 1e-9], noisy).differs


def test_a_missing_file_is_one_verdict_among_others(tmp_path: Path):
    (tmp_path / "torn.mod").write_text("NEURON { SUFFIX torn\n")
    (tmp_path / "tools.mod").write_text("NEURON { SUFFIX nothing }\nFUNCTION f(x) { f = x }\n")
    found = verify([tmp_path / name for name in ("none.mod", "torn.mod", "tools.mod")])
    assert [(Path(each.file).name, each.verdict) for each in found] == [
        ("none.mod", "wrong"),
        ("torn.mod", "wrong"),
        ("tools.mod", "functions"),
    ]
    assert found[0].findings[0].place.endswith("none.mod") and found[1].findings[0].place.startswith("torn.mod:")


def test_voltages_hold_the_grid_and_every_constant_of_either_sign():
    v = voltages([40.0, 1e-3, 500.0, -17.5])
    assert len(v) >= 40 and v.min() == LOWEST and v.max() == HIGHEST
    assert {-40.0, 40.0, 17.5, -17.5, 1e-3, -1e-3} <= set(v.tolist())
    assert np.abs(v).max() <= 120.0


def compared(ours: Any, neuron: Any, kicked: Any, inexact: Any = ()) -> judge.Quantity:
    """Two samples of a current."""
    compare = object.__new__(judge._Compare)
    compare.measure = judge.Measure(judge.TOLERANCE, judge.FLOOR)
    compare.centres, compare.excluded = np.arange(2), {"current": np.zeros(2, bool)}
    compare.inputs = lambda phase, sample: {}
    others = judge.Others([np.array(each) for each in kicked], [np.array(each) for each in inexact])
    return compare.quantity("current", "i", np.array(ours), np.array(neuron), others)


def test_kicked_inputs_excuse_last_digits_but_no_jump():
    """A value beside a pole answers to last digits; a step function there does not excuse a wrong branch."""
    assert not compared([1.0, 1.0 + 5e-9], [1.0, 1.0], [[1.0, 1.0 + 5.1e-9]]).differs
    jump = compared([1.0, 2.0], [1.0, 1.0], [[1.0, 1.0]])
    assert jump.differs and jump.ours == 2.0


@pytest.mark.slow
def test_what_rounds_is_verified_and_so_are_its_mutants():
    found = verify(sorted(HARD.glob("*.mod")), mutants=1)
    assert len(found) >= 2 * 15
    assert {each.verdict for each in found} == {"verified"}, [(e.file, e.why, e.differing) for e in found]


@pytest.mark.slow
def test_bmtk_mutants():
    folder = package("bmtk", "utils", "scripts", "bionet", "mechanisms", "modfiles")
    chosen = [folder / name for name in ("Ca_HVA.mod", "NaV.mod", "CaDynamics.mod", "Im_v2.mod")]
    found = verify(chosen, mutants=2)
    assert len(found) == 12
    assert {each.verdict for each in found} == {"verified"}, [each.file for each in found if each.differing]


def test_the_elements_of_an_array_are_no_result_that_rounds() -> None:
    text = rounding.inexact("def f(env):\n    a = [unset()] * 3\n    return a[0] * 3\n")
    assert "a = [unset()] * 3" in text and "noisy(a[0] * 3" in text


CLASHING = {
    "zzi": "NEURON { SUFFIX zzi NONSPECIFIC_CURRENT i RANGE g }\nPARAMETER { g = 1e-3 }\nASSIGNED { v i }\n"
    "BREAKPOINT { i = g*v }\n",
    "pump": "NEURON { SUFFIX pump USEION zz READ zzi WRITE izz }\nASSIGNED { v zzi izz }\n"
    "BREAKPOINT { izz = 1e-3*zzi*v }\n",
}


@pytest.mark.slow
def test_a_library_that_neuron_cannot_load_is_built_in_halves() -> None:
    """NEURON stops where a mechanism is called like a variable of another one's ion."""
    assert {each.file: each.verdict for each in verify_folder(None, list(CLASHING.items()))} == {
        "zzi": "verified",
        "pump": "verified",
    }

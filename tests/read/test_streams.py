"""Streams of random numbers: a run draws what NEURON draws, and what cannot be known is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jxneuron.model import file
from jxneuron.modules.simulate import run_model

ROOT = Path(__file__).parents[2]
VARIABLES = ("uniform", "between", "exponential", "scaled", "gauss2", "word", "count", "longest", "kept")

SESSION = """
from jxneuron.errors import Findings
from jxneuron.importer import read_session
from jxneuron.model import file

def section(mechanism):
    made = h.Section(name="soma")
    made.nseg, made.L, made.diam = 3, 20, 20
    made.insert("pas")
    made.insert(mechanism)
    return made

def refused():
    try:
        read_session(h, init="auto", strict=True)
    except Findings as error:
        return [[finding.place, finding.found, finding.way_out] for finding in error.findings]
"""
NOISY = """
soma = section("noisy")
h.Random().Random123_globalindex(7)
for k, segment in enumerate(soma):
    segment.noisy.one.set_ids(k, 2, 3).set_seq(0)
    segment.noisy.other.set_ids(1, k, 2**32 - 1).set_seq(2*k)
h.finitialize(-65)
names = ["v", *(f"{name}_noisy" for name in given["variables"])]
record = [f"soma({segment.x}).{name}" for name in names for segment in soma]
file.save(read_session(h, init="auto", strict=True, record=record), given["path"])
present = [[segment.noisy.one.get_seq(), segment.noisy.other.get_seq()] for segment in soma]
traces = [h.Vector().record(getattr(segment, f"_ref_{name}")) for name in names for segment in soma]
for k, segment in enumerate(soma):
    segment.noisy.other.set_seq(2*k)
h.finitialize(-65)
while h.t < 5 - 1e-9:
    h.fadvance()
give([[list(trace) for trace in traces], present])
"""


@pytest.fixture(scope="module")
def library(mod_library: Callable[..., Path]) -> Path:
    return mod_library(ROOT / "mod" / "random")


def test_a_run_draws_what_neuron_draws(neuron_child: Callable[..., Any], library: Path, tmp_path: Path) -> None:
    """Draws before and in each step, and hidden variables that INITIAL drew, from the sequences before it."""
    path = str(tmp_path / "noisy.jxn")
    traces, present = neuron_child(SESSION + NOISY, libraries=[library], path=path, variables=VARIABLES)
    model = file.open(path)
    placement = next(each for each in model.placements if each.mechanism == "noisy")
    np.testing.assert_array_equal(placement.values["one_ids"], [[0, 1, 2], [2] * 3, [3] * 3, [7] * 3])
    assert model.initial is not None
    np.testing.assert_array_equal(model.initial.states["noisy"]["other"], [row[1] for row in present])
    result = run_model(model, t_stop=5.0)
    assert not [note for note in result.notes if note.kind == "initial state"]
    np.testing.assert_allclose(np.array([*result.records.values()]), traces, rtol=1e-11, atol=1e-11)


POINTED = """
soma = section("pointed")
soma.nseg = 5
h.Random().Random123_globalindex(3)
randoms = []
def begin(k):
    randoms[k - 1].seq(1000*k)  # before it draws: what normal keeps would stay
    [lambda r: r.uniform(0, 1), lambda r: r.negexp(0.5), lambda r: r.normal(0.5, 2)][k - 1](randoms[k - 1])
for k, segment in enumerate(soma):
    if k == 0:
        segment.pointed.setRNG(1, 2, 3)
    elif k < 4:
        randoms.append(h.Random())
        randoms[-1].Random123(4, k, 6)
        segment.pointed.setRNG(randoms[-1])
        begin(k)
h.finitialize(-65)
names = ["v", "first_pointed", "count_pointed", "kept_pointed"]
record = [f"soma({segment.x}).{name}" for name in names for segment in soma]
file.save(read_session(h, init="auto", strict=True, record=record), given["path"])
traces = [h.Vector().record(getattr(segment, f"_ref_{name}")) for name in names for segment in soma]
for k in (1, 2, 3):
    begin(k)
h.finitialize(-65)
while h.t < 5 - 1e-9:
    h.fadvance()
give([list(trace) for trace in traces])
"""


def test_a_pointer_leads_to_a_stream_a_random_or_nothing(
    neuron_child: Callable[..., Any], library: Path, tmp_path: Path
) -> None:
    path = str(tmp_path / "pointed.jxn")
    traces = neuron_child(SESSION + POINTED, libraries=[library], path=path)
    model = file.open(path)
    placement = next(each for each in model.placements if each.mechanism == "pointed")
    laws = [[1, 2, 3, 4, 0], [0, 0, 0.5, 0.5, 0], [0, 1, 0, 2**0.5, 0]]
    np.testing.assert_array_equal(placement.values["rng_law"], laws)
    np.testing.assert_array_equal(placement.values["rng_ids"][:3].T[:3], [[1, 2, 3], [4, 1, 6], [4, 2, 6]])
    result = run_model(model, t_stop=5.0)
    assert not [note for note in result.notes if note.kind == "initial state"]
    np.testing.assert_allclose(np.array([*result.records.values()]), traces, rtol=1e-11, atol=1e-11)


STALE = """
soma = section("noisy")
for segment in soma:
    segment.noisy.one.set_ids(1, 2, 3)
h.finitialize(-65)
soma(0.5).noisy.other.set_ids(1, 2, 3)
give(refused())
"""
SHARED = """
soma = section("pointed")
random = h.Random()
random.Random123(1, 2, 3)
random.uniform(0, 1)
for segment in [*soma][1:]:
    segment.pointed.setRNG(random)
h.finitialize(-65)
give(refused())
"""
OTHER = """
soma = section("pointed")
randoms = [h.Random(), h.Random()]
randoms[0].MCellRan4(1)
randoms[0].uniform(0, 1)
randoms[1].Random123(1, 2, 3)
randoms[1].poisson(3)
for segment, random in zip(soma, randoms):
    segment.pointed.setRNG(random)
h.finitialize(-65)
give(refused())
"""
LOST = """
soma = section("noisy")
h.finitialize(-65)
soma(0.5).noisy.other.set_seq(1e6)
give(refused())
"""


@pytest.mark.parametrize(
    ("code", "what", "way_out"),
    [
        (STALE, "draws up to four numbers of the old ids first", "set_ids(...).set_seq(0)"),
        (LOST, "INITIAL draws from it, and where it began is not to be found out", "set its sequence in INITIAL"),
    ],
    ids=["ids without sequence", "sequence set after initialising"],
)
def test_a_stream_that_cannot_be_known_is_refused(
    code: str, what: str, way_out: str, neuron_child: Callable[..., Any], library: Path
) -> None:
    (place, found, way), *more = neuron_child(SESSION + code, libraries=[library])
    assert place == "instance 1.other" and what in found and way_out in way and not more


def test_a_random_that_several_instances_share_is_refused(neuron_child: Callable[..., Any], library: Path) -> None:
    ((place, found, way),) = neuron_child(SESSION + SHARED, libraries=[library])
    assert place == "instance 1.rng and 1 more" and "several instances draw from it" in found and "of its own" in way


PLAYED = """
soma = section("noisy")
clamp, others = h.IClamp(soma(0.5)), [h.Random() for _ in range(3)]
others[1].MCellRan4(2)
others[2].Random123(1, 2, 3)
[random.normal(0, 1) for random in others]
h.finitialize(-65)
before = refused()
[random.play(clamp._ref_amp) for random in others[1:]]
give([before, refused()])
"""


def test_a_random_that_plays_is_refused(neuron_child: Callable[..., Any], library: Path) -> None:
    before, ((place, found, way),) = neuron_child(SESSION + PLAYED, libraries=[library])
    assert before is None and place == "Random[1] and 1 more" and "Random.play" in found and "Vector" in way


def test_a_random_of_other_numbers_is_refused(neuron_child: Callable[..., Any], library: Path) -> None:
    findings = neuron_child(SESSION + OTHER, libraries=[library])
    assert [(place, found.partition("Random ")[2]) for place, found, _ in findings] == [
        ("instance 0.rng", "of another generator than Random123"),
        ("instance 1.rng", "that draws by another law than uniform, negexp and normal"),
    ]

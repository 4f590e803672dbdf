"""NET_RECEIVE at random events: what is sound is verified, mutants too, and a planted fault is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from jxneuron.compare.verdicts import kind
from jxneuron.compare.verify import Verdict, verify_folder
from jxneuron.nmodl import mutate, translate

FOLDER = Path(__file__).parents[2] / "mod" / "events"
RIGHT, WRONG = "exp(-(t - last) / tau_rec)", "exp(-(t - last) / (1.00001 * tau_rec))"

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def verdicts() -> dict[str, Verdict]:
    """One build for an artificial cell, and for two copies of a synapse: with other constants, and with a fault."""
    firing, depressing = ((FOLDER / f"{name}.mod").read_text() for name in ("firing", "depressing"))
    faulty = mutate.rename(depressing, "Faulty")
    python = translate(faulty, file="faulty.mod").python
    assert python.count(RIGHT) == 1
    texts = [("firing", firing), ("mutant", mutate.make_mutant(depressing, 0)), ("faulty", faulty)]
    return {each.file: each for each in verify_folder(None, texts, python={"Faulty": python.replace(RIGHT, WRONG)})}


@pytest.mark.parametrize(("name", "variables"), [("firing", {"m", "fired", "moved"}), ("mutant", {"released_m1", "v"})])
def test_a_sound_receiver_is_verified(name: str, variables: set[str], verdicts: dict[str, Verdict]) -> None:
    found = verdicts[name]
    assert found.verdict == "verified", (found.why, found.differing)
    events = [each for each in found.quantities if kind(each) == "events"]
    assert variables <= {each.variable for each in events}
    assert all(each.samples > 1000 for each in events if each.variable != "spikes")


def test_an_artificial_cell_shows_when_it_fires(verdicts: dict[str, Verdict]) -> None:
    (spikes,) = (each for each in verdicts["firing"].quantities if each.variable == "spikes")
    assert spikes.samples >= 10 and not spikes.differs


def test_a_fault_in_an_event_is_named_with_instance_and_time(verdicts: dict[str, Verdict]) -> None:
    found = verdicts["faulty"]
    assert found.verdict == "differs", found.why
    assert {each.variable for each in found.differing} == {"released", "g", "i", "v"}
    assert {kind(each) for each in found.differing} == {"events"}
    assert set(found.differing[0].inputs) == {"instance", "t"}

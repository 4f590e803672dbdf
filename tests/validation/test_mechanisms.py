"""Published mechanisms translate and do in NEURON what they do here: a sample in CI, all of them by `make slow`."""

from __future__ import annotations

from pathlib import Path

import pytest

from jxneuron.compare.verify import Verdict, verify
from validation import mechanisms

# What is refused, by name: mechanisms that receive or send events, and one for its C code
EVENTS = """
    AMPA__0.mod AMPA__autistic.mod AMPA__granule.mod DetAMPANMDA.mod DetGABAAB.mod GABA__0.mod GABA__biexp.mod
    GABA__granule.mod GluSynapse.mod NMDA__autistic.mod NMDA__granule.mod NMDA__stellate.mod ProbAMPANMDA_EMS.mod
    ProbGABAAB_EMS.mod VecStim.mod exp2syn.mod expsyn.mod netstim.mod netstim_inhpoisson.mod pattern.mod
    vecevent.mod
"""
C_CODE = {"StochKv3.mod"}


def differing(found: list[Verdict]) -> dict[str, list[tuple[str, str]]]:
    return {each.file: [(q.phase, q.variable) for q in each.differing] for each in found if each.verdict == "differs"}


@pytest.mark.long
def test_the_sample_is_verified() -> None:
    found = mechanisms.sampled()
    assert len(found) == len(mechanisms.SAMPLE) == 6
    assert differing(found) == {}
    assert {Path(each.file).name: each.why for each in found if each.verdict != "verified"} == {}


def test_the_files_are_there() -> None:
    """As many as the peers were measured on; none may go missing unseen."""
    paths = mechanisms.everything()
    assert len(paths) == 159 and len({path.read_bytes() for path in paths}) == 125


@pytest.mark.slow
def test_all_are_verified_or_refused_by_name() -> None:
    found = verify(mechanisms.everything())
    assert differing(found) == {}
    refused = {Path(each.file).name for each in found if each.verdict != "verified"}
    assert refused == {*EVENTS.split(), *C_CODE}

"""Every validation case, both ways to start: equal to NEURON; NEURON itself as it was; the table tells the truth."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from jxneuron.compare import compare
from validation import references, results, table
from validation.listing import HERE, INITS, cases, starts

# At least so many spikes within at least 100 ms: what counts as proof for a whole cell.
SPIKING = {
    "allen_scnn1a": 4,
    "emr_sscx": 4,
    "demo": 4,
    "own": 8,
    "balanced": 8,
    "prepared": 8,
    "several_cells": 6,
    "electrodes": 5,
    "coupled": 4,
    "played": 6,
    "ring": 4,
    "receivers": 10,
    "shells": 4,
    "moments": 6,
    "algebra": 6,
    "solvers": 6,
    "tables": 6,
    "tables_exact": 6,
    "oldstyle": 8,
    "hh_cable": 6,
}


# Every case runs from one start, and these from NEURON's state too (the others by `make slow`): ions, tables, gaps
FROM_NEURON = ("own", "coupled", "shells", "moments", "tables")


def runs() -> Iterator[Any]:
    """Each case and start; the second start of most is slow."""
    for name in cases():
        first, *others = starts(name)
        yield name, first
        for init in others:
            yield pytest.param(name, init, marks=() if name in FROM_NEURON else pytest.mark.slow)


@pytest.mark.parametrize(("name", "init"), [*runs()])
@pytest.mark.long
def test_a_case_is_equal_to_neuron(name: str, init: str) -> None:
    outcome = compare(cases()[name], init=init, timeout=300)
    worst = [(each.name, each.max_abs, each.tolerance) for each in outcome.verdicts if not each.within]
    findings = [str(finding) for finding in outcome.findings]
    assert outcome.status == "within", json.dumps([worst, findings], indent=1)
    assert outcome.both is not None
    assert references.differences(name, outcome.both.neuron) == []
    if name in SPIKING:
        spikes = max(len(each.spikes_neuron) for each in outcome.verdicts)
        assert spikes >= SPIKING[name] and outcome.both.neuron.t[-1] >= 100


@pytest.mark.parametrize("name", list(cases()))
def test_a_kept_reference_says_where_it_is_from_and_stays_small(name: str) -> None:
    with np.load(references.path(name)) as kept:
        assert str(kept["neuron"]).startswith("9.")
        assert all(np.isfinite(kept[key]).all() for key in kept.files if key != "neuron")
    assert references.path(name).stat().st_size < 300_000


def test_no_reference_is_left_over() -> None:
    assert {path.stem for path in (HERE / "references").glob("*.npz")} == set(cases())


def test_a_changed_reference_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison with a kept reference can fail: a record off by 1e-5 of its size, one that is missing."""
    kept = dict(np.load(references.path("passive_tree")))
    every = int(kept.pop("every"))
    version = kept.pop("neuron")
    traces = _Traces(kept)
    monkeypatch.setattr(references, "HERE", tmp_path)
    (tmp_path / "references").mkdir()
    np.savez(references.path("passive_tree"), every=1, neuron=version, **kept)
    assert every >= 1 and references.differences("passive_tree", traces) == []  # pyright: ignore[reportArgumentType]
    off = {**kept, "soma(0.5).v": kept["soma(0.5).v"] * (1 + 1e-5)}
    np.savez(references.path("passive_tree"), every=1, neuron=version, **off)
    assert len(references.differences("passive_tree", traces)) == 1  # pyright: ignore[reportArgumentType]
    del off["soma(0.5).v"]
    np.savez(references.path("passive_tree"), every=1, neuron=version, **off)
    assert "records" in references.differences("passive_tree", traces)[0]  # pyright: ignore[reportArgumentType]


class _Traces:
    """What `references.differences` reads of a run."""

    def __init__(self, kept: dict[str, np.ndarray]) -> None:
        self.t = kept["t"]
        self.records = {key: value for key, value in kept.items() if key != "t"}


def test_the_results_cover_every_case_from_both_starts() -> None:
    for init in INITS:
        expected = [name for name in cases() if init in starts(name)]
        assert {name: row["status"] for name, row in results.rows(init).items()} == dict.fromkeys(expected, "within")
    first = [results.rows(starts(name)[0])[name] for name in cases()]
    assert all(row["same_spikes"] and row["one_step"]["relative"] < 1e-9 for row in first)


def test_the_list_of_what_is_validated_names_every_case() -> None:
    text = (HERE / "README.md").read_text()
    links = re.findall(r"\[(\w+)\]\(([^)]+\.toml)\)", text)
    assert {name for name, _ in links} == set(cases())
    assert all((HERE / link).resolve() == cases()[name] for name, link in links)


def test_the_readme_shows_the_table_that_the_command_prints() -> None:
    assert table.in_readme(table.README.read_text()) == table.table()

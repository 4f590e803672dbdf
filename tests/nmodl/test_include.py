"""INCLUDE finds the files that NEURON finds, in its order, and no others."""

from __future__ import annotations

from pathlib import Path

import pytest

from jxneuron.errors import NmodlError
from jxneuron.nmodl import translate
from jxneuron.nmodl.check import read_text
from validation import oracle

MOD = 'NEURON { SUFFIX x RANGE q }\nASSIGNED { q }\nINCLUDE "%s"\nINITIAL { q = first() }\n'
FUNCTION = "FUNCTION first() { first = %d }\n"
# Where files of one name stand, below the folder above the .mod file's; what is included; the folder MODL_INCLUDE
PLACES = {
    "beside": (("model/a.inc", "a.inc"), "a.inc", ""),
    "above": (("a.inc", "other/a.inc"), "a.inc", "other"),
    "listed": (("other/a.inc",), "a.inc", "other"),
    "listed_from_here": (("model/sub/a.inc",), "a.inc", "sub"),
    "beside_the_including": (("model/sub/a.inc", "model/a.inc", "a.inc"), "sub/next.inc", ""),
    "here_for_the_included": (("model/a.inc", "a.inc"), "sub/next.inc", ""),
    "above_for_the_included": (("a.inc",), "sub/next.inc", ""),
}


def model(place: Path, files: tuple[str, ...], included: str) -> Path:
    for folder in ("model/sub", "other"):
        (place / folder).mkdir(parents=True)
    for number, name in enumerate(files):
        (place / name).write_text(FUNCTION % number)
    (place / "model/sub/next.inc").write_text('INCLUDE "a.inc"\n')
    (place / "model/x.mod").write_text(MOD % included)
    return place / "model/x.mod"


@pytest.mark.parametrize("name", PLACES)
def test_the_first_of_the_files_is_taken(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    files, included, listed = PLACES[name]
    path = model(tmp_path, files, included)
    monkeypatch.setenv("MODL_INCLUDE", str(tmp_path / listed) if listed == "other" else listed)
    text = read_text(path)
    assert "first = 0" in text and "first = 1" not in text
    assert translate(text, file="x.mod").name == "x"
    assert oracle.ask([oracle.read(path)])[0].builds


def test_a_file_elsewhere_is_found_by_neither(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = model(tmp_path, ("model/sub/a.inc", "other/a.inc"), "a.inc")
    monkeypatch.delenv("MODL_INCLUDE", raising=False)
    with pytest.raises(NmodlError, match=r'x\.mod:3  INCLUDE "a\.inc": there is no such file'):
        read_text(path)
    assert oracle.ask([oracle.read(path)])[0].stopped == "nocmodl"

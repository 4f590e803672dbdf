"""What NEURON's tools say of a text, asked without building it, is what nrnivmodl does."""

from __future__ import annotations

from pathlib import Path

import pytest

from jxneuron.child import compile_mod
from jxneuron.errors import ModelError
from validation import oracle

HEAD = "NEURON { SUFFIX x }\n"
CURRENT = "NEURON { SUFFIX x NONSPECIFIC_CURRENT i }\nPARAMETER { g = 1 }\nASSIGNED { v i }\n"
INCLUDING = CURRENT + 'INCLUDE "part.inc"\n'
STEPS = "STATE { m n }\nBREAKPOINT { SOLVE d METHOD cnexp }\nDERIVATIVE d { m' = -m }\n"
VERBATIM = HEAD + "VERBATIM\n%s\nENDVERBATIM\n"

BUILDS = {
    "current": CURRENT + "BREAKPOINT { i = g*v }\n",
    "included": INCLUDING,
    "own_header": VERBATIM % '#include "own.h"\nstatic double twice = 2*OWN;',
    "c_code": VERBATIM % "#include <vector>\nstatic std::vector<double> kept(3);",
    "latin1_comment": CURRENT + "BREAKPOINT { i = g*v }\nCOMMENT\n37 \xb0C\nENDCOMMENT\n",
}
NOCMODL = {
    "latin1": CURRENT + "BREAKPOINT { i = g*v : 37 \xb0C\n}\n",
    "syntax": CURRENT + "BREAKPOINT { i = }\n",
    "missing": HEAD + 'INCLUDE "missing.inc"\n',
    "two_derivatives": HEAD + STEPS + "DERIVATIVE e { n' = -n }\n",
}
COMPILER = {
    "no_function": VERBATIM % "static double f() { return missing(1); }",
    "no_header": VERBATIM % '#include "missing.h"',
    "type": VERBATIM % "static double* p = 3.0;",
    "template": VERBATIM
    % "template <class T> int size() { return sizeof(typename T::x); }\nstatic int y = size<int>();",
    "two_names": VERBATIM % "static int same;\nstatic double same;",
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("sources")
    (place / "part.inc").write_text("BREAKPOINT { i = g*v }\n")
    (place / "own.h").write_text("#define OWN 4.0\n")
    for name, text in {**BUILDS, **NOCMODL, **COMPILER}.items():
        (place / f"{name}.mod").write_text(text, encoding="latin-1")
    return place


def answers(folder: Path, names: dict[str, str]) -> dict[str, str]:
    found = oracle.ask([oracle.read(folder / f"{name}.mod") for name in names])
    return {name: answer.stopped for name, answer in zip(names, found, strict=True)}


def test_who_stops_at_a_text(folder: Path) -> None:
    for names, stopped in ((BUILDS, ""), (NOCMODL, "nocmodl"), (COMPILER, "compiler")):
        assert answers(folder, names) == dict.fromkeys(names, stopped)


def test_the_words_are_theirs(folder: Path) -> None:
    syntax, runaway, type_ = oracle.ask(
        [oracle.read(folder / f"{name}.mod") for name in ("syntax", "two_derivatives", "type")]
    )
    assert "syntax error" in syntax.said
    assert "out of memory" in runaway.said
    assert "cannot convert 'double' to 'double*'" in type_.said


def test_included_files_are_looked_for_where_nocmodl_does(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = oracle.Source("included.mod", INCLUDING.encode())
    below = oracle.Source("included.mod", INCLUDING.encode(), folder / "below")
    (folder / "below").mkdir()
    assert [each.builds for each in oracle.ask([source, below])] == [False, True]
    monkeypatch.setenv("MODL_INCLUDE", str(folder))
    assert oracle.ask([source])[0].builds


def test_an_answer_is_kept_unless_files_are_included(folder: Path, tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setenv("JXNEURON_CACHE", str(tmp_path))
    monkeypatch.setattr(
        oracle, "_precompile", lambda place, headers, command: (place / "neuron.hpp").write_text(headers)
    )
    sources = [oracle.read(folder / f"{name}.mod") for name in ("syntax", "missing")]
    first = oracle.ask(sources)
    assert len(list((tmp_path / "answers").iterdir())) == 1
    monkeypatch.setattr(oracle, "_asked", lambda source, header: oracle.Answer("nobody"))
    assert oracle.ask(sources) == [first[0], oracle.Answer("nobody")]


@pytest.mark.slow
@pytest.mark.parametrize("name", [*BUILDS, *COMPILER])
def test_nrnivmodl_agrees(name: str, folder: Path, tmp_path: Path) -> None:
    for path in folder.iterdir():
        if (path.suffix != ".mod" and path.is_file()) or path.stem == name:
            (tmp_path / path.name).write_bytes(path.read_bytes())
    try:
        built = compile_mod.compile_folders([tmp_path]).is_file()
    except ModelError:
        built = False
    assert built == (name in BUILDS)

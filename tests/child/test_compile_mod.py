"""Building .mod folders: once per content, with one message for each thing that can be missing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from jxneuron import case, errors, importer
from jxneuron.child import compile_mod

MOD = """
NEURON { SUFFIX tiny RANGE g NONSPECIFIC_CURRENT i }
PARAMETER { g = 1e-4 }
ASSIGNED { v i }
INCLUDE "current.inc"
"""
INCLUDED = 'INCLUDE "above.inc"\nBREAKPOINT { i = g*(v + 65) }\n'
ABOVE = 'INCLUDE "below/table.inc"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "mods"
    place.mkdir()
    (place / "tiny.mod").write_text(MOD)
    (place / "current.inc").write_text(INCLUDED)
    (tmp_path / "above.inc").write_text(ABOVE)
    (place / "below").mkdir()
    (place / "below" / "table.inc").write_text('INCLUDE "last.txt"\n')
    (place / "below" / "last.txt").write_text("PARAMETER { h = 2 }\n")
    return place


def test_a_folder_is_built_once_per_content(folder: Path, tmp_path: Path, neuron_child) -> None:
    library = compile_mod.compile_folders([folder])
    assert library.is_file()
    code = "s = h.Section(); s.insert('tiny'); give(s(0.5).tiny.g)"
    assert neuron_child(code, libraries=[library]) == 1e-4
    copy = tmp_path / "copy"
    copy.mkdir()
    shutil.copytree(folder, copy, dirs_exist_ok=True)
    made = library.stat().st_mtime_ns
    assert compile_mod.compile_folders([copy]) == library and library.stat().st_mtime_ns == made
    before = compile_mod._key(compile_mod._read_sources([folder]))
    for name in ("current.inc", "../above.inc", "below/last.txt"):
        text = (folder / name).read_text()
        (folder / name).write_text(text + "COMMENT another ENDCOMMENT\n")
        assert compile_mod._key(compile_mod._read_sources([folder])) != before
        (folder / name).write_text(text)
    assert compile_mod._key(compile_mod._read_sources([folder])) == before


def test_what_another_compiler_built_is_not_taken(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests set CXX to one that does not optimise."""
    sources = compile_mod._read_sources([folder])
    monkeypatch.delenv("CXX", raising=False)
    usual = compile_mod._key(sources)
    monkeypatch.setenv("CXX", "g++ -O0")
    assert compile_mod._key(sources) != usual
    monkeypatch.setenv("CXX", "")
    assert compile_mod._key(sources) == usual


def test_what_nrnivmodl_says_is_shown(tmp_path: Path) -> None:
    (tmp_path / "wrong.mod").write_text("NEURON { SUFFIX wrong }\nBREAKPOINT { x = }\n")
    with pytest.raises(errors.ModelError, match=r"nrnivmodl failed(.|\n)*wrong\.mod"):
        compile_mod.compile_folders([tmp_path])
    with pytest.raises(errors.ModelError, match="nrnivmodl failed"):
        compile_mod.compile_folders([tmp_path])


def test_a_translator_that_takes_all_memory_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What NEURON's translator does with two DERIVATIVE blocks."""
    text = "NEURON { SUFFIX x }\nSTATE { m n }\nBREAKPOINT { SOLVE d METHOD cnexp }\n"
    (tmp_path / "x.mod").write_text(text + "DERIVATIVE d { m' = -m }\nDERIVATIVE e { n' = -n }\n")
    monkeypatch.setattr(compile_mod, "MEMORY", 300_000)
    with pytest.raises(errors.ModelError, match=r"nrnivmodl failed(.|\n)*out of memory at line 5 in file x\.mod"):
        compile_mod.compile_folders([tmp_path])


def test_two_files_of_one_mechanism_are_both_named(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "again.mod").write_text(": SUFFIX big\nNEURON { SUFFIX tiny }\n")
    (tmp_path / "model.hoc").write_text("create soma\n")
    chosen = case.read(tmp_path / "model.hoc", mod=[folder, tmp_path / "other"])
    with pytest.raises(errors.NmodlError, match=r"again\.mod  SUFFIX tiny is also in .*tiny\.mod  leave one of"):
        importer.build_libraries(chosen)


SHARING = "NEURON {{ SUFFIX {suffix} GLOBAL {name} }}\nPARAMETER {{ {name} = 1 }}\n"


def test_two_files_of_one_full_name_are_both_named(tmp_path: Path) -> None:
    (tmp_path / "one.mod").write_text(SHARING.format(suffix="a", name="x_b"))
    (tmp_path / "two.mod").write_text(SHARING.format(suffix="b_a", name="x"))
    with pytest.raises(errors.ModelError, match=r"^one\.mod and two\.mod both define x_b_a .*: rename one of them$"):
        compile_mod.compile_folders([tmp_path])


@pytest.mark.parametrize("name", ["a-b.mod", "a b.mod", "a.b.mod"])
def test_a_file_of_a_name_that_no_function_has_is_named(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(SHARING.format(suffix="a", name="x"))
    with pytest.raises(errors.ModelError, match="NEURON builds no file of this name: rename it"):
        compile_mod.compile_folders([tmp_path])


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(errors.ModelError, match=r"nowhere: there is no such folder of \.mod files"):
        compile_mod.compile_libraries([tmp_path / "nowhere"])


def test_a_folder_without_mod_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(errors.ModelError, match=r"there is no \.mod file in this folder"):
        compile_mod.compile_libraries([tmp_path])


def test_a_missing_library_is_named(tmp_path: Path) -> None:
    with pytest.raises(errors.ModelError, match="no such compiled library"):
        compile_mod.compile_libraries([tmp_path / "libnrnmech.so"])


def test_a_compiled_library_needs_no_compiler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    library = tmp_path / "libnrnmech.so"
    library.touch()
    monkeypatch.setenv("PATH", str(tmp_path))
    assert compile_mod.compile_libraries([library]) == [library]


def test_two_folders_may_not_differ_in_a_file_of_one_name(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "tiny.mod").write_text(MOD + ": another\n")
    with pytest.raises(errors.ModelError, match="different file of the same name"):
        compile_mod.compile_folders([folder, other])


def test_missing_compiler_is_one_message(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JXNEURON_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("CXX", raising=False)
    with pytest.raises(errors.NeuronMissing, match=r"needs g\+\+ and make; not found: g\+\+ and make"):
        compile_mod.compile_folders([folder])
    assert not (tmp_path / "cache").exists()

"""Saving and opening: exact, atomic, and one clear message for every damage."""

from __future__ import annotations

import dataclasses
import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from jxneuron.errors import ModelError
from jxneuron.model import file


def same(a, b):
    """Equality of records, arrays by type, shape and value."""
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and a.shape == b.shape and np.array_equal(a, b, True)
    if dataclasses.is_dataclass(a):
        return type(a) is type(b) and all(same(value, getattr(b, name)) for name, value in vars(a).items())
    if isinstance(a, dict):
        return list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, tuple):
        return isinstance(b, tuple) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and a == b


@pytest.fixture
def saved(model, tmp_path):
    file.save(model, tmp_path / "model.jxn")
    return tmp_path / "model.jxn"


def test_the_way_there_and_back_is_exact(model, saved):
    found = file.open(saved)
    assert same(model, found)
    assert not found.nodes.area.flags.writeable
    assert not found.placements[0].values["ca"].flags.writeable
    assert os.listdir(saved.parent) == [saved.name]


def test_numbers_that_are_none_come_back(model, tmp_path):
    initial = dataclasses.replace(model.initial, v=np.array([np.nan, np.inf, -np.inf, -0.0, 1e-310, 0.1]))
    odd = dataclasses.replace(model, initial=initial, settings=dataclasses.replace(model.settings, tstop=np.inf))
    file.save(odd, tmp_path / "odd.jxn")
    assert same(odd, file.open(tmp_path / "odd.jxn"))


def test_texts_lie_in_the_file_as_texts(saved):
    with zipfile.ZipFile(saved) as archive:
        assert archive.read("mechanisms/hh.mod").decode() == "TITLE hh\n: µ\n"
        assert archive.read("mechanisms/hh.py").decode() == "MECHANISM = None\n"


def test_a_model_always_gives_the_same_bytes(model, saved, tmp_path):
    file.save(file.open(saved), tmp_path / "again.jxn")
    assert saved.read_bytes() == (tmp_path / "again.jxn").read_bytes()


def test_the_fingerprint_tells_models_apart(model, saved):
    assert file.fingerprint(model) == file.fingerprint(file.open(saved))
    area = model.nodes.area.copy()
    area[1] = np.nextafter(area[1], 0)
    other = dataclasses.replace(model, nodes=dataclasses.replace(model.nodes, area=area))
    assert file.fingerprint(other) != file.fingerprint(model)
    assert file.fingerprint(dataclasses.replace(model, title="other")) != file.fingerprint(model)


def test_opening_imports_neither_neuron_nor_jax(saved):
    code = (
        "import sys; from jxneuron.model import file; file.open(sys.argv[1]);"
        "print([name for name in ('neuron', 'jax', 'pandas') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code, str(saved)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_saving_over_a_file_replaces_it_whole_or_not_at_all(model, saved, monkeypatch):
    before = saved.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(file, "_write", full)
    with pytest.raises(ModelError, match="No space left"):
        file.save(model, saved)
    assert saved.read_bytes() == before
    assert os.listdir(saved.parent) == [saved.name]


def test_a_folder_that_is_not_there(model, tmp_path):
    with pytest.raises(ModelError, match=r"missing.model\.jxn.*cannot be saved"):
        file.save(model, tmp_path / "missing" / "model.jxn")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(ModelError, match=r"none\.jxn.*cannot be read"):
        file.open(tmp_path / "none.jxn")


def test_a_file_that_is_cut_short(saved):
    whole = saved.read_bytes()
    for kept in (len(whole) // 3, len(whole) - 1, 10):
        saved.write_bytes(whole[:kept])
        with pytest.raises(ModelError, match="damaged or cut short"):
            file.open(saved)


def test_a_flipped_byte_anywhere_is_noticed(model, saved):
    """Either the file is refused with one message, or the byte was not part of what it says."""
    whole = saved.read_bytes()
    refused = 0
    for at in range(0, len(whole), 37):
        damaged = bytearray(whole)
        damaged[at] ^= 0xFF
        saved.write_bytes(damaged)
        try:
            found = file.open(saved)
        except ModelError as error:
            assert "\n" not in str(error)
            refused += 1
        else:
            assert same(model, found)
    assert refused > 0.5 * len(whole) / 37


def test_a_file_of_something_else(tmp_path):
    (tmp_path / "text.jxn").write_text("dend[3]")
    (tmp_path / "empty.jxn").write_bytes(b"")
    with zipfile.ZipFile(tmp_path / "other.jxn", "w") as archive:
        archive.writestr("readme.txt", "hello")
    for name in ("text.jxn", "empty.jxn", "other.jxn"):
        with pytest.raises(ModelError, match=f"{name}: not a saved jxneuron model"):
            file.open(tmp_path / name)


def rewrite(path, change):
    """Change entries of a saved file in place: ``change(entries)`` on a dict of name to bytes."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    change(entries)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)


def test_a_newer_version(saved):
    def newer(entries):
        head = json.loads(entries["format.json"])
        entries["format.json"] = json.dumps({**head, "version": head["version"] + 1}).encode()

    rewrite(saved, newer)
    with pytest.raises(ModelError, match=r"newer jxneuron \(format 6, this one reads up to 5\): update"):
        file.open(saved)


def test_changed_content_does_not_match_the_digest(saved):
    rewrite(saved, lambda entries: entries.update({"mechanisms/hh.py": b"MECHANISM = evil\n"}))
    with pytest.raises(ModelError, match="does not match its digest"):
        file.open(saved)
    rewrite(saved, lambda entries: entries.pop("arrays/00000.npy"))
    with pytest.raises(ModelError, match="does not match its digest"):
        file.open(saved)


def test_no_pickle_is_read(model, tmp_path):
    """An array of objects, its digest right, is refused."""
    path = tmp_path / "model.jxn"
    np.save(tmp_path / "objects.npy", np.array([{}], object), allow_pickle=True)
    entries = file._entries(model)
    entries["arrays/00000.npy"] = (tmp_path / "objects.npy").read_bytes()
    with path.open("wb") as stream:
        file._write(stream, entries)
    with pytest.raises(ModelError, match=r"damaged.*allow_pickle=False"):
        file.open(path)


def test_records_that_are_no_model(model, tmp_path):
    path = tmp_path / "model.jxn"
    for records in (b"[]", b'{"record": "Settings", "fields": {}}', b'{"record": "Gone", "fields": {}}', b"{"):
        with path.open("wb") as stream:
            file._write(stream, {"model.json": records})
        with pytest.raises(ModelError, match="the saved model is damaged"):
            file.open(path)

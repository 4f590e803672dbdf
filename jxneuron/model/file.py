"""Save a Model to one file and open it again, without NEURON and without pickles.

In: a Model. Out: a zip file of ``format.json`` (what it is, its version, a digest), ``model.json`` (the records),
``arrays/*.npy``, and the NMODL and Python of each mechanism as text. Opening a file executes none of it.
"""

from __future__ import annotations

import dataclasses
import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from jxneuron.errors import ModelError
from jxneuron.files import replacing
from jxneuron.model.model import (
    Additions,
    Connections,
    Events,
    Extracellular,
    Initial,
    Ion,
    KnownSpikes,
    Model,
    Nodes,
    Note,
    PendingEvents,
    Placement,
    Play,
    Probe,
    Section,
    Settings,
    Source,
    Sources,
    Transfer,
)

FORMAT = "jxneuron model"
VERSION = 5
# Fields that files of version 3 and before call by another name
_RENAMED = {("Placement", "given"): "initial_override", ("Ion", "given"): "initial_override"}
_HEAD, _RECORDS = "format.json", "model.json"
_CLASSES = {
    record.__name__: record
    for record in (
        *(Additions, Connections, Events, Initial, Ion, KnownSpikes, Model, Nodes, Note, PendingEvents, Placement),
        *(Play, Probe, Section, Settings, Source, Sources, Transfer, Extracellular),
    )
}
# The date of every entry: a fixed one, so that equal models give equal bytes
_DATE = (1980, 1, 1, 0, 0, 0)


def freeze(model: Model) -> Model:
    """Make every array of a Model read-only, and return the Model."""
    for array in arrays(model):
        array.flags.writeable = False
    return model


def arrays(value: Any) -> list[NDArray[Any]]:
    """Return every array that a record holds, with those of the records inside it."""
    if isinstance(value, np.ndarray):
        return [cast(NDArray[Any], value)]
    return [array for part in _members(value) for array in arrays(part)]


def _members(value: Any) -> Iterable[Any]:
    """Return what a record, a mapping or a tuple holds; nothing of any other value."""
    if dataclasses.is_dataclass(value):
        return vars(value).values()
    if isinstance(value, Mapping):
        return cast(Mapping[str, Any], value).values()
    return cast(tuple[Any, ...], value) if isinstance(value, tuple) else ()


def save(model: Model, path: str | Path) -> None:
    """Write a model to one file; the file appears whole or not at all.

    Raises:
        ModelError: the folder does not exist or cannot be written to.
    """
    target = Path(path)
    try:
        with replacing(target) as stream:
            _write(stream, _entries(model))
    except OSError as error:
        raise ModelError(f"{target}: the model cannot be saved there: {error.strerror or error}") from error


def open(path: str | Path) -> Model:
    """Read a saved model.

    Raises:
        ModelError: the file is missing, damaged, not one of ours, or of a newer version.
    """
    entries = _read(Path(path))
    try:
        return freeze(_Decoder(entries).model())
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        raise ModelError(f"{path}: the saved model is damaged: {error}") from error


def fingerprint(model: Model) -> str:
    """Return the SHA-256 of everything that the Model holds, in hex: equal for equal Models, on every machine."""
    return _digest(_entries(model))


def _entries(model: Model) -> dict[str, bytes]:
    encoder = _Encoder()
    records = json.dumps(encoder.encode(model), sort_keys=True, separators=(",", ":"))
    return {_RECORDS: records.encode(), **encoder.entries}


def _digest(entries: Mapping[str, bytes]) -> str:
    total = hashlib.sha256()
    for name in sorted(entries):
        total.update(f"{name}\0{len(entries[name])}\0".encode())
        total.update(entries[name])
    return total.hexdigest()


def _write(stream: Any, entries: Mapping[str, bytes]) -> None:
    head = json.dumps({"format": FORMAT, "version": VERSION, "sha256": _digest(entries)}).encode()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in {_HEAD: head, **entries}.items():
            info = zipfile.ZipInfo(name, _DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)


def _read(path: Path) -> dict[str, bytes]:
    """Return every entry of the file except ``format.json``, checked against its digest."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"{path}: the saved model cannot be read: {error.strerror or error}") from error
    if not content.startswith(b"PK"):
        raise ModelError(f"{path}: not a saved jxneuron model")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if _HEAD not in archive.namelist():
                raise ModelError(f"{path}: not a saved jxneuron model")
            head = json.loads(archive.read(_HEAD))
            _check_head(path, head)
            entries = {name: archive.read(name) for name in archive.namelist() if name != _HEAD}
    except ModelError:
        raise
    except Exception as error:  # a damaged zip raises nearly anything
        raise ModelError(f"{path}: the saved model is damaged or cut short: {error}") from error
    if _digest(entries) != head.get("sha256"):
        raise ModelError(f"{path}: the saved model is damaged: its content does not match its digest")
    return entries


def _check_head(path: Path, head: Any) -> None:
    fields = cast(dict[str, Any], head) if isinstance(head, dict) else {}
    if fields.get("format") != FORMAT:
        raise ModelError(f"{path}: not a saved jxneuron model")
    version = fields.get("version")
    if not isinstance(version, int) or version < 1:
        raise ModelError(f"{path}: the saved model is damaged: its version is {version!r}")
    if version > VERSION:
        raise ModelError(
            f"{path}: saved by a newer jxneuron (format {version}, this one reads up to {VERSION}): update jxneuron"
        )


class _Encoder:
    """Turns records into plain JSON values, and arrays and texts of mechanisms into entries of their own."""

    def __init__(self) -> None:
        self.entries: dict[str, bytes] = {}

    def encode(self, value: Any) -> Any:
        if isinstance(value, np.ndarray):
            return {"array": self._array(cast(NDArray[Any], value))}
        if isinstance(value, Source):
            return {"record": "Source", "fields": self._source(value)}
        if dataclasses.is_dataclass(value):
            names = [field.name for field in dataclasses.fields(value)]
            return {
                "record": type(value).__name__,
                "fields": {name: self.encode(getattr(value, name)) for name in names},
            }
        if isinstance(value, Mapping):
            return {"mapping": [[key, self.encode(part)] for key, part in cast(Mapping[str, Any], value).items()]}
        if isinstance(value, (tuple, list)):
            return [self.encode(part) for part in cast(Sequence[Any], value)]
        return cast(Any, value.item()) if isinstance(value, np.generic) else value

    def _array(self, value: NDArray[Any]) -> str:
        name = f"arrays/{len(self.entries):05d}.npy"
        stream = io.BytesIO()
        np.save(stream, value, allow_pickle=False)
        self.entries[name] = stream.getvalue()
        return name

    def _source(self, source: Source) -> dict[str, Any]:
        nmodl = self._text(source.mechanism, "mod", source.nmodl)
        python = self._text(source.mechanism, "py", source.python)
        plain = {"mechanism": source.mechanism, "file": source.file, "emitter": source.emitter}
        return {**plain, "nmodl": {"text": nmodl}, "python": {"text": python}}

    def _text(self, name: str, suffix: str, text: str) -> str:
        """Store a text and return its entry; the other text of a mechanism in ``Model.imported`` gets its own."""
        content, entry = text.encode("utf-8", "surrogateescape"), f"mechanisms/{name}.{suffix}"
        if self.entries.setdefault(entry, content) != content:
            entry = f"mechanisms/imported/{name}.{suffix}"
            self.entries[entry] = content
        return entry


class _Decoder:
    """Turns the entries of a file into a Model again."""

    def __init__(self, entries: Mapping[str, bytes]) -> None:
        self.entries = entries

    def model(self) -> Model:
        model = self._decode(json.loads(self.entries[_RECORDS]))
        if not isinstance(model, Model):
            raise ValueError("it holds no model")
        return model

    def _decode(self, value: Any) -> Any:
        if isinstance(value, list):
            return tuple(self._decode(part) for part in cast(list[Any], value))
        return self._decode_object(cast(dict[str, Any], value)) if isinstance(value, dict) else value

    def _decode_object(self, value: dict[str, Any]) -> Any:
        if "array" in value:
            return np.load(io.BytesIO(self.entries[value["array"]]), allow_pickle=False)
        if "text" in value:
            return self.entries[value["text"]].decode("utf-8", "surrogateescape")
        if "mapping" in value:
            return {key: self._decode(part) for key, part in value["mapping"]}
        return self._record(value["record"], value["fields"])

    def _record(self, kind: str, fields: Mapping[str, Any]) -> Any:
        return _CLASSES[kind](**{_RENAMED.get((kind, name), name): self._decode(part) for name, part in fields.items()})

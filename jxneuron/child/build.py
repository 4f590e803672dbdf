"""Compile folders of .mod files with NEURON's own nrnivmodl, once per content.

In: folders of .mod files, or libraries that are compiled already. Out: paths for ``h.nrn_load_dll``.

Builds stand in the cache, keyed by the content of every source file and NEURON's version; a lock keeps two
processes from building the same folder at a time. nrnivmodl may end with an error although the library is
complete, so the library itself tells success.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import re
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from jxneuron.child import process
from jxneuron.errors import ModelError, NeuronMissing
from jxneuron.files import cache_folder, write_atomically
from jxneuron.nmodl.frontend import include

TIME_LIMIT = 900.0  # s; a folder of a hundred files takes some two minutes
MEMORY = 3 * 2**20  # kB for each program: the translator of some texts takes all that there is, and never ends
LIBRARIES = (".so", ".dylib", ".dll")
SIDE_FILES = (".inc", ".h", ".hpp", ".hh", ".c", ".cpp")
COMPILERS = ("g++", "c++", "clang++")
# What nrnivmodl prints behind the compiler's own words: a hint for old files, and its Python traceback
_AFTERWARDS = re.compile(r"^(NOTE: If you are encountering|Traceback \(most recent call last\))", re.MULTILINE)
# What GNU's linker says of a name that two files define
_TWICE = re.compile(r"(\w+)\.o:[^\n]*multiple definition of [`'](\w+)[^\n']*'[^\n/]*\s+[^\n]*?(\w+)\.o:")
_INCLUDED = re.compile(rb'^\s*(#?)\s*INCLUDE\s+"([^"\n]+)"', re.MULTILINE | re.IGNORECASE)


def libraries(mod: Sequence[str | Path]) -> list[Path]:
    """The libraries to load for a case's ``mod``: compiled ones as they are, all folders in one build."""
    paths = [Path(each) for each in mod]
    ready = [path for path in paths if path.suffix in LIBRARIES]
    for path in ready:
        if not path.is_file():
            raise ModelError(f"{path}: there is no such compiled library")
    folders = [path for path in paths if path.suffix not in LIBRARIES]
    return [*ready, build(folders)] if folders else ready


def build(folders: Sequence[str | Path]) -> Path:
    """Compile the .mod files of one or more folders; the result of an earlier call is used again.

    Returns:
        The compiled library (libnrnmech).

    Raises:
        ModelError: a folder is missing or holds no .mod file, two files clash, or nrnivmodl fails (the
            message ends with its output).
        NeuronMissing: NEURON, g++ or make is not installed.
    """
    sources = _sources([Path(folder) for folder in folders])
    place = cache_folder() / "mechanisms" / _key(sources)
    if not (place / "complete").is_file():
        tools = _tools()
        place.mkdir(parents=True, exist_ok=True)
        with locked(place / "lock"):
            if not (place / "complete").is_file():
                _compile(place, sources, tools)
    return place / (place / "complete").read_text()


def _sources(folders: Sequence[Path]) -> dict[str, bytes]:
    """Name (relative to its folder) and content of all .mod files and of the files that they include."""
    found: dict[str, bytes] = {}
    for folder in folders:
        if not folder.is_dir():
            raise ModelError(f"{folder}: there is no such folder of .mod files")
        mod = sorted(folder.glob("*.mod"))
        if not mod:
            raise ModelError(f"{folder}: there is no .mod file in this folder")
        _require_names(mod)
        beside = [path for path in sorted(folder.iterdir()) if path.suffix in SIDE_FILES]
        for path in [*mod, *beside]:
            _add(found, path.name, path)
        for path in mod:
            for name, inside in _included(path, folder, {path.resolve()}):
                _add(found, name, inside)
    return found


def _require_names(paths: Sequence[Path]) -> None:
    """Refuse names of files of which nrnivmodl makes no function of C: ``_NAME_reg``."""
    wrong = [path for path in paths if not f"_{path.stem}".isidentifier()]
    if wrong:
        raise ModelError(
            f"{wrong[0]}: NEURON builds no file of this name: rename it with letters, digits and _ alone, then .mod"
        )


def _add(found: dict[str, bytes], name: str, path: Path) -> None:
    content = path.read_bytes()
    if found.setdefault(name, content) != content:
        raise ModelError(f"{path}: another folder has a different file of the same name")


def _included(path: Path, top: Path, seen: set[Path]) -> Iterator[tuple[str, Path]]:
    """What a file includes, and what that includes, where NEURON finds it; NEURON names those that are missing.

    Files that stand below the folder keep their place, others are put beside the ``.mod`` file.
    """
    for of_c, written in _INCLUDED.findall(path.read_bytes()):
        name = os.fsdecode(written)
        inside = top / name if of_c else include.search(name, path.parent, top)
        if inside is None or not inside.is_file() or os.path.isabs(name) or ".." in Path(name).parts:
            continue
        place = os.path.relpath(inside, top)
        yield name if place.startswith("..") else place, inside
        if inside.resolve() not in seen:
            yield from _included(inside, top, seen | {inside.resolve()})


def _key(sources: dict[str, bytes]) -> str:
    try:
        version = importlib.metadata.version("neuron")
    except importlib.metadata.PackageNotFoundError:
        version = "none"
    digest = hashlib.sha256(f"{version} {sys.platform} {os.uname().machine}".encode())
    for name in sorted(sources):
        digest.update(f"\0{name}\0{len(sources[name])}\0".encode() + sources[name])
    return digest.hexdigest()[:24]


def _tools() -> tuple[list[str], str]:
    """The command nrnivmodl and the C++ compiler."""
    if importlib.util.find_spec("neuron") is None:
        raise NeuronMissing("Building .mod files needs NEURON: pip install neuron")
    script = Path(sys.executable).with_name("nrnivmodl")
    nrnivmodl = str(script) if script.is_file() else shutil.which("nrnivmodl")
    cxx = compiler()
    missing = [name for name, found in (("g++", cxx), ("make", shutil.which("make"))) if not found]
    if missing:
        raise NeuronMissing(
            f"Building .mod files needs g++ and make; not found: {' and '.join(missing)}. "
            "Install them (Debian, Ubuntu: apt-get install g++ make; macOS: xcode-select --install)"
        )
    if nrnivmodl is None or cxx is None:
        raise NeuronMissing("Building .mod files needs nrnivmodl, which comes with NEURON: pip install neuron")
    return [sys.executable, nrnivmodl], cxx


def compiler() -> str | None:
    """The C++ compiler that builds: CXX, else the first of ``COMPILERS`` that is installed."""
    wanted = [os.environ["CXX"].split()[0]] if os.environ.get("CXX") else COMPILERS
    return next((name for name in wanted if shutil.which(name)), None)


def _compile(place: Path, sources: dict[str, bytes], tools: tuple[list[str], str]) -> None:
    """Run nrnivmodl on a copy of the sources and mark the build complete."""
    work = place / "work"
    shutil.rmtree(work, ignore_errors=True)
    for name, content in sources.items():
        target = work / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    command, cxx = tools
    env = process.environment({"CXX": os.environ.get("CXX", cxx)})
    limited = ["sh", "-c", f'ulimit -v {MEMORY} 2> /dev/null; exec "$@"', "sh", *command]  # macOS has no such limit
    ended = process.run_command(limited, cwd=work, timeout=TIME_LIMIT, env=env)
    write_atomically(place / "output.txt", ended.output)
    built = [path for path in work.glob("*/libnrnmech.*") if path.suffix in LIBRARIES]
    if not built:
        raise ModelError(_why(ended))
    write_atomically(place / "complete", str(built[0].relative_to(place)))


def _why(ended: process.Ended) -> str:
    twice = _TWICE.search(ended.output)
    if twice is not None:
        return f"{twice[3]}.mod and {twice[1]}.mod both define {twice[2]} (a name and its SUFFIX): rename one of them"
    how = "ran out of time" if ended.code is None else "failed"
    said = _AFTERWARDS.split(ended.output)[0]
    return f"nrnivmodl {how}. Its last lines of output:\n{process.last_lines(said, 25)}"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Only one process at a time goes on from here; the others wait. ``path`` is made, and stays."""
    import fcntl

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)

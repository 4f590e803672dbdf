"""Compile folders of .mod files with NEURON's own nrnivmodl, once per content.

In: folders of .mod files, or compiled libraries. Out: paths for ``h.nrn_load_dll``.

Builds are kept in the cache under a hash of every source file, NEURON's version and CXX, where it is set; a lock
prevents two processes from building the same folder at a time. nrnivmodl may end with an error although the library is
complete, so a build succeeded if there is a library.
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
from jxneuron.errors import ModelError, NeuronMissing, require_neuron
from jxneuron.files import cache_folder, write_atomically
from jxneuron.nmodl.frontend import include

BUILDING = "Building .mod files"
TIME_LIMIT = 900.0  # s; a folder of a hundred files takes about two minutes
MEMORY = 3 * 2**20  # kB for each program: on some texts the translator takes all memory and never ends
LIBRARIES = (".so", ".dylib", ".dll")
SIDE_FILES = (".inc", ".h", ".hpp", ".hh", ".c", ".cpp")
COMPILERS = ("g++", "c++", "clang++")
# The lines that nrnivmodl prints after the compiler's errors: a hint for old files, and its Python traceback
_AFTERWARDS = re.compile(r"^(NOTE: If you are encountering|Traceback \(most recent call last\))", re.MULTILINE)
# The error of GNU's linker about a name that two files define
_TWICE = re.compile(r"(\w+)\.o:[^\n]*multiple definition of [`'](\w+)[^\n']*'[^\n/]*\s+[^\n]*?(\w+)\.o:")
_INCLUDED = re.compile(rb'^\s*(#?)\s*INCLUDE\s+"([^"\n]+)"', re.MULTILINE | re.IGNORECASE)


def compile_libraries(mod: Sequence[str | Path]) -> list[Path]:
    """Return the libraries to load for a case's ``mod``: compiled ones as they are, and one build of all folders.

    Raises:
        ModelError: there is no such library; a folder cannot be compiled, as for `compile_folders`.
        NeuronMissing: as for `compile_folders`.
    """
    paths = [Path(path) for path in mod]
    compiled = [path for path in paths if path.suffix in LIBRARIES]
    for path in compiled:
        if not path.is_file():
            raise ModelError(f"{path}: there is no such compiled library")
    folders = [path for path in paths if path.suffix not in LIBRARIES]
    return [*compiled, compile_folders(folders)] if folders else compiled


def compile_folders(folders: Sequence[str | Path]) -> Path:
    """Compile the .mod files of one or more folders into one library; an earlier build of the same files is reused.

    Returns:
        The compiled library (libnrnmech).

    Raises:
        ModelError: a folder is missing or holds no .mod file, two files clash, or nrnivmodl fails (the
            message ends with its output).
        NeuronMissing: NEURON, g++ or make is not installed.
    """
    sources = _read_sources([Path(folder) for folder in folders])
    place = cache_folder() / "mechanisms" / _key(sources)
    if not (place / "complete").is_file():
        tools = _find_tools()
        place.mkdir(parents=True, exist_ok=True)
        with locked(place / "lock"):
            if not (place / "complete").is_file():
                _compile(place, sources, tools)
    return place / (place / "complete").read_text()


def _read_sources(folders: Sequence[Path]) -> dict[str, bytes]:
    """Return name (relative to its folder) and content of all .mod files and of the files that they include."""
    sources: dict[str, bytes] = {}
    for path, name in _list_sources(folders):
        content = path.read_bytes()
        if sources.setdefault(name, content) != content:
            raise ModelError(f"{path}: another folder has a different file of the same name")
    return sources


def _list_sources(folders: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    for folder in folders:
        if not folder.is_dir():
            raise ModelError(f"{folder}: there is no such folder of .mod files")
        mod = sorted(folder.glob("*.mod"))
        if not mod:
            raise ModelError(f"{folder}: there is no .mod file in this folder")
        _require_names(mod)
        headers = [path for path in sorted(folder.iterdir()) if path.suffix in SIDE_FILES]
        yield from ((path, path.name) for path in [*mod, *headers])
        for path in mod:
            yield from _find_included(path, folder, {path.resolve()})


def _require_names(paths: Sequence[Path]) -> None:
    """Refuse files whose names give no name of a C function: nrnivmodl makes one, ``_NAME_reg``, for each file."""
    wrong = [path for path in paths if not f"_{path.stem}".isidentifier()]
    if wrong:
        raise ModelError(
            f"{wrong[0]}: NEURON builds no file of this name: rename it with letters, digits and _ alone, then .mod"
        )


def _find_included(path: Path, top: Path, seen: set[Path]) -> Iterator[tuple[Path, str]]:
    """Give the files that a file includes, directly or not, where NEURON finds them; NEURON reports missing ones.

    Files below the folder keep their place, others are copied into the folder itself.
    """
    for of_c, written in _INCLUDED.findall(path.read_bytes()):
        name = os.fsdecode(written)
        inside = top / name if of_c else include.search(name, path.parent, top)
        if inside is None or not inside.is_file() or os.path.isabs(name) or ".." in Path(name).parts:
            continue
        place = os.path.relpath(inside, top)
        yield inside, name if place.startswith("..") else place
        if inside.resolve() not in seen:
            yield from _find_included(inside, top, seen | {inside.resolve()})


def _key(sources: dict[str, bytes]) -> str:
    try:
        version = importlib.metadata.version("neuron")
    except importlib.metadata.PackageNotFoundError:
        version = "none"
    compiler = os.environ.get("CXX", "").split()  # one that does not optimise may round otherwise, as on ARM
    digest = hashlib.sha256(" ".join([version, sys.platform, os.uname().machine, *compiler]).encode())
    for name in sorted(sources):
        digest.update(f"\0{name}\0{len(sources[name])}\0".encode() + sources[name])
    return digest.hexdigest()[:24]


def _find_tools() -> tuple[list[str], str]:
    """Return the command nrnivmodl and the C++ compiler."""
    require_neuron(BUILDING)
    script = Path(sys.executable).with_name("nrnivmodl")
    nrnivmodl = str(script) if script.is_file() else shutil.which("nrnivmodl")
    cxx = find_compiler()
    missing = [name for name, path in (("g++", cxx), ("make", shutil.which("make"))) if not path]
    if missing:
        raise NeuronMissing(
            f"{BUILDING} needs g++ and make; not found: {' and '.join(missing)}. "
            "Install them (Debian, Ubuntu: apt-get install g++ make; macOS: xcode-select --install)"
        )
    if nrnivmodl is None or cxx is None:
        raise NeuronMissing.of(f"{BUILDING} (nrnivmodl)")
    return [sys.executable, nrnivmodl], cxx


def find_compiler() -> str | None:
    """Return the C++ compiler that builds: CXX, else the first of ``COMPILERS`` that is installed."""
    names = [os.environ["CXX"].split()[0]] if os.environ.get("CXX") else COMPILERS
    return next((name for name in names if shutil.which(name)), None)


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
        raise ModelError(_explain(ended))
    write_atomically(place / "complete", str(built[0].relative_to(place)))


def _explain(ended: process.Ended) -> str:
    twice = _TWICE.search(ended.output)
    if twice is not None:
        return f"{twice[3]}.mod and {twice[1]}.mod both define {twice[2]} (a name and its SUFFIX): rename one of them"
    how = "ran out of time" if ended.code is None else "failed"
    output = _AFTERWARDS.split(ended.output)[0]
    return f"nrnivmodl {how}. Its last lines of output:\n{process.last_lines(output, 25)}"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Let one process at a time run the block; the others wait. The file at ``path`` is created, and stays."""
    import fcntl

    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.flock(file, fcntl.LOCK_UN)

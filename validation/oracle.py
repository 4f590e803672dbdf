"""What NEURON's own tools say of NMODL texts: nocmodl stops at one, or the C++ compiler does, or it builds.

In: `Source`, the bytes of a ``.mod`` file, its name, the folder of what it includes. Out: an `Answer` for each.

The compiler checks the C++ (``-fsyntax-only``) and makes nothing; NEURON's headers, which take most of that time, are
compiled once and kept. Every text has a scratch folder, and every program limits of time and memory: nocmodl can run
away.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import tempfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from jxneuron.case import installed
from jxneuron.child import compile_mod, process
from jxneuron.errors import NeuronMissing
from jxneuron.files import cache_folder, write_atomically

NOCMODL_SECONDS, COMPILER_SECONDS = 10.0, 120.0
MEMORY = 2 * 2**20  # kB, for each program
# What nrnivmodl hands to the compiler (nrnmech_makefile of NEURON 9)
FLAGS = (
    *("-O2", "-std=c++17", "-fPIC", "-DUSE_PYTHON", "-DNRN_ENABLE_THREADS", "-DCORENRN_BUILD=0"),
    *("-DNRNPYTHON_DYNAMICLOAD", "-DMPI_NO_CPPBIND=1", "-DOMPI_SKIP_MPICXX=1", "-DMPICH_SKIP_MPICXX=1"),
    "-DHAVE_CONFIG_H",
)
SMALLEST = b"NEURON { SUFFIX smallest }\n"
LAST_HEADER = '#include "neuron/cache/mechanism_range.hpp"'
SHOWN = 3  # lines of a program's output that say why it stopped


@dataclass(frozen=True)
class Source:
    """One text: its file's name, its bytes, and the folder of the files that it includes (None: of none)."""

    name: str
    data: bytes
    folder: Path | None = None


@dataclass(frozen=True)
class Answer:
    """``stopped`` is ``nocmodl`` or ``compiler``, and ``said`` their words; both are empty where the text builds."""

    stopped: str = ""
    said: str = ""

    @property
    def builds(self) -> bool:
        return not self.stopped


def read(path: Path) -> Source:
    """The source of a file."""
    return Source(path.name, path.read_bytes(), path.resolve().parent)


def ask(sources: Sequence[Source], workers: int = 2) -> list[Answer]:
    """Ask NEURON's tools about every source, as many at a time as there are workers.

    Raises:
        NeuronMissing: NEURON or a C++ compiler is not installed.
    """
    header = _precompiled()
    with ThreadPoolExecutor(workers) as pool:
        return list(pool.map(lambda source: _answer(source, header), sources))


def _answer(source: Source, header: Path) -> Answer:
    """The answer that is kept, else a new one; texts that include files are asked about each time."""
    key = _key(header.parent.name.encode(), source.name.encode(), source.data)
    kept = cache_folder() / "answers" / f"{key}.json"
    if kept.is_file():
        return Answer(**json.loads(kept.read_text()))
    found = _asked(source, header)
    if b"include" not in source.data.lower():
        kept.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(kept, json.dumps({"stopped": found.stopped, "said": found.said}))
    return found


def _asked(source: Source, header: Path) -> Answer:
    with tempfile.TemporaryDirectory(prefix="jxneuron-") as name:
        scratch = Path(name)
        ended = _translate(source, scratch)
        if ended.code != 0:
            said = _why(ended, ("rror", "line ", "memory"))
            return Answer("nocmodl", said.replace(f"{scratch}/", ""))
        text = (scratch / source.name).with_suffix(".cpp").name
        inside = ["-I", str(source.folder)] if source.folder else []
        command = [*_compile(), *inside, "-include", str(header), "-fsyntax-only", text]
        ended = _run(command, scratch, COMPILER_SECONDS)
    return Answer() if ended.code == 0 else Answer("compiler", _why(ended, ("error",)))


def _translate(source: Source, scratch: Path) -> process.Ended:
    """Run nocmodl on a copy in the scratch folder; what the text includes is looked for from its own folder."""
    copy = scratch / source.name
    copy.write_bytes(source.data)
    command = [str(_data() / "bin" / "nocmodl"), str(copy), "-o", str(scratch)]
    return _run(command, source.folder or scratch, NOCMODL_SECONDS)


def _run(command: Sequence[str], cwd: Path, seconds: float) -> process.Ended:
    """Run with the limit of memory and the table of units that nrnivmodl names."""
    limited = ["sh", "-c", f'ulimit -v {MEMORY} 2> /dev/null; exec "$@"', "sh", *command]  # macOS has no such limit
    env = process.environment({"MODLUNIT": str(_data() / "share" / "nrn" / "lib" / "nrnunits.lib"), "LC_ALL": "C"})
    return process.run_command(limited, cwd=cwd, timeout=seconds, env=env)


def _compile() -> list[str]:
    found = compile_mod.find_compiler()
    if found is None:
        raise NeuronMissing("asking NEURON's tools needs a C++ compiler (Debian, Ubuntu: apt-get install g++)")
    return [*(os.environ.get("CXX") or found).split(), *FLAGS, "-I.", "-I", str(_data() / "include")]


def _data() -> Path:
    return installed("neuron") / ".data"


def _precompiled() -> Path:
    """The headers that all translated files begin with; beside them what g++ makes of them, and then uses instead."""
    with tempfile.TemporaryDirectory(prefix="jxneuron-") as name:
        if _translate(Source("smallest.mod", SMALLEST), Path(name)).code != 0:
            raise NeuronMissing("NEURON's nocmodl does not run")
        text = (Path(name) / "smallest.cpp").read_text()
    headers = text[text.index("#include") : text.index(LAST_HEADER) + len(LAST_HEADER)] + "\n"
    command = _compile()
    version = process.run_command([*command, "--version"], cwd=Path.cwd(), timeout=COMPILER_SECONDS).output
    parts = (headers, version, " ".join(command), importlib.metadata.version("neuron"))
    place = cache_folder() / "headers" / _key(*(part.encode() for part in parts))
    place.mkdir(parents=True, exist_ok=True)
    with compile_mod.locked(place / "lock"):
        if not (place / "neuron.hpp").is_file():
            _precompile(place, headers, command)
    return place / "neuron.hpp"


def _precompile(place: Path, headers: str, command: Sequence[str]) -> None:
    """Compile the headers; where a compiler does not, it reads them as text each time."""
    write_atomically(place / "new.hpp", headers)
    ended = _run([*command, "-x", "c++-header", "new.hpp", "-o", "neuron.hpp.gch"], place, COMPILER_SECONDS)
    if ended.code != 0:
        (place / "neuron.hpp.gch").unlink(missing_ok=True)
    os.replace(place / "new.hpp", place / "neuron.hpp")


def _key(*parts: bytes) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:24]


def _why(ended: process.Ended, telling: Sequence[str]) -> str:
    """The lines of a program's output that tell why it stopped, or the last ones."""
    if ended.code is None:
        return f"ran away: not done in {ended.seconds:.0f} s"
    lines = [line.strip() for line in ended.output.splitlines() if line.strip()]
    found = [line for line in lines if any(word in line for word in telling)][:SHOWN] or lines[-SHOWN:]
    return "\n".join(found) or f"ended with code {ended.code}"

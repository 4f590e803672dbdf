"""Imports go one way: each part is imported in a fresh interpreter, and what that loaded is looked at."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.boundaries import BEGIN, COMPILER, END, FORBIDDEN, HEAVY, PAGE, PARTS, map_of_imports

ROOT = Path(__file__).resolve().parents[1]
LOADED = """\
import importlib, json, sys
sys.path.insert(0, sys.argv[1])
for name in json.loads(sys.argv[2]):
    importlib.import_module(name)
print(json.dumps(sorted(sys.modules)))
"""


def modules_of(part: str, root: Path = ROOT, package: str = "jxneuron") -> list[str]:
    """Names of all modules of a part, without programs (``__main__``, workers), which are run, not imported."""
    folder = root / package / part
    if not folder.is_dir():
        return [f"{package}.{part}"]
    files = [path for path in sorted(folder.rglob("*.py")) if path.stem not in ("__main__", "worker")]
    names = [".".join(path.relative_to(root).with_suffix("").parts) for path in files]
    return [name.removesuffix(".__init__") for name in names]


def fresh(code: str, *arguments: str, environment: dict[str, str] | None = None) -> list[str]:
    """The lines that a fresh interpreter prints; it must not fail."""
    command = [sys.executable, "-c", code, *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=ROOT, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def loaded(modules: list[str], root: Path = ROOT) -> set[str]:
    """``sys.modules`` of a fresh interpreter that has imported these modules."""
    return set(json.loads(fresh(LOADED, str(root), json.dumps(modules))[-1]))


def trespassers(present: set[str], forbidden: set[str]) -> list[str]:
    """Loaded modules that are a forbidden package or lie inside of one."""
    return sorted(name for name in present if any(name == each or name.startswith(f"{each}.") for each in forbidden))


@pytest.mark.parametrize("part", sorted(FORBIDDEN))
def test_a_part_loads_nothing_that_it_must_not_know(part: str) -> None:
    assert trespassers(loaded(modules_of(part)), FORBIDDEN[part]) == []


def nmodl_imports(path: Path) -> set[str]:
    """The folders of the compiler, and its modules beside them, that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("jxneuron.nmodl"):
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            found |= {name.split(".")[2] for name in names}
    return found


@pytest.mark.parametrize("folder", COMPILER)
def test_a_stage_of_the_compiler_imports_those_before_it_only(folder: str) -> None:
    for path in (ROOT / "jxneuron" / "nmodl" / folder).glob("*.py"):
        assert nmodl_imports(path) - {folder, *COMPILER[folder]} == set(), path.name


def test_the_map_of_imports_is_that_of_the_table() -> None:
    """``python tests/boundaries.py`` writes it anew."""
    assert PAGE.read_text().partition(BEGIN)[2].partition(END)[0] == map_of_imports()


def test_run_names_no_model() -> None:
    """``lower.program`` may know the Model; the runtime itself may not."""
    named = set()
    for path in (ROOT / "jxneuron" / "run").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom):
                named.add(node.module)
            elif isinstance(node, ast.Import):
                named |= {alias.name for alias in node.names}
    allowed = {
        "jxneuron.lower.program",
        "jxneuron.errors",
        "jxneuron.ions",
        "jxneuron.node_variables",
        "jxneuron.units",
    }
    ours = {name for name in named if name and name.startswith("jxneuron")} - allowed
    assert sorted(name for name in ours if not name.startswith(("jxneuron.run", "jxneuron.mech"))) == []


def test_a_planted_violation_is_found(tmp_path: Path) -> None:
    inner = tmp_path / "planted" / "part" / "deep"
    inner.mkdir(parents=True)
    for folder in (inner, inner.parent, inner.parents[1]):
        (folder / "__init__.py").write_text("")
    (inner / "hidden.py").write_text("def use():\n    import decimal\n\nimport fractions\n")
    present = loaded(modules_of("part", tmp_path, "planted"), tmp_path)
    assert "planted.part.deep.hidden" in present
    assert trespassers(present, {"fractions", "sqlite3"}) == ["fractions"]


def test_importing_the_package_is_quick_and_starts_nothing() -> None:
    assert trespassers(loaded(["jxneuron"]), HEAVY | {"jax"}) == []


def test_building_and_indexing_a_cell_loads_neither_jax_nor_tables() -> None:
    code = (
        "import json, sys, jxneuron as jx\n"
        "branch = jx.Branch(jx.Compartment(), ncomp=3)\n"
        "cell = jx.Cell([branch] * 4, [-1, 0, 0, 1])\n"
        "cell.set('radius', 2.0)\n"
        "net = jx.Network([cell, cell])\n"
        "assert net.cell(1).branch(2).comp(0).xyzr is not None\n"
        "print(json.dumps(sorted(sys.modules)))\n"
    )
    assert trespassers(set(json.loads(fresh(code)[-1])), HEAVY | {"jax"}) == []


def test_what_generated_code_calls_is_named_once_for_readers_and_once_for_use() -> None:
    """Type checkers read the imports of ``mech``, Python its table; a submodule must not hide a function."""
    read = {
        (node.module, alias.name)
        for node in ast.walk(ast.parse((ROOT / "jxneuron" / "mech" / "__init__.py").read_text()))
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
        if alias.asname
    }
    code = "import importlib, inspect, json, sys\n"
    code += "[importlib.import_module(name) for name in json.loads(sys.argv[1])]\n"
    code += "import jxneuron.mech as mech\n"
    code += "found = {name: (home, getattr(mech, name)) for name, home in mech._ON_USE.items()}\n"
    code += "print(json.dumps([(f'jxneuron.mech.{home}', name) for name, (home, _) in found.items()]))\n"
    code += "print(json.dumps([name for name, (_, value) in found.items() if inspect.ismodule(value)]))\n"
    used, hidden = map(json.loads, fresh(code, json.dumps(modules_of("mech"))))
    assert {tuple(pair) for pair in used} == read and hidden == []


def test_every_public_name_is_there_and_starts_no_neuron_and_no_backend() -> None:
    code = (
        "import sys, jxneuron as jx\n"
        "assert all(getattr(jx, name) is not None for name in jx.__all__)\n"
        "import jax._src.xla_bridge as bridge\n"
        "assert 'neuron' not in sys.modules\n"
        "assert not bridge._backends, bridge._backends\n"
    )
    fresh(code)


def test_the_library_does_not_touch_jax_settings() -> None:
    """float64 is the user's choice; importing must not make it for them."""
    code = (
        "import jax\n"
        "before = {name: jax.config._read(name) for name in jax.config.values}\n"
        "import jxneuron as jx\n"
        "[getattr(jx, name) for name in jx.__all__]\n"
        "changed = [name for name in before if jax.config._read(name) != before[name]]\n"
        "assert not changed, changed\n"
    )
    environment = {name: value for name, value in os.environ.items() if not name.startswith("JAX_ENABLE")}
    fresh(code, environment=environment)


def test_no_part_of_the_package_hides_a_public_name() -> None:
    """Importing a submodule sets it on the package, where a function of the same name may stand."""
    modules = [name for part in sorted(PARTS) for name in modules_of(part)]
    code = "import importlib, json, sys, jxneuron as jx\n"
    code += "[importlib.import_module(name) for name in json.loads(sys.argv[1])]\n"
    code += "print(json.dumps([name for name in jx.__all__ if not callable(getattr(jx, name))]))\n"
    assert json.loads(fresh(code, json.dumps(modules))[-1]) == []

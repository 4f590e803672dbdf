"""Each translated mechanism against NEURON: INITIAL, currents and one step, one instance per voltage."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from jxneuron.errors import Findings
from jxneuron.mech import generated
from jxneuron.nmodl import Translation, builtin, translate_all
from tests.mech import verify

ROOT = Path(__file__).parents[2]
SETTINGS = (
    verify.Setting(celsius=6.3),
    verify.Setting(celsius=37.0, secondorder=2),
    verify.Setting(celsius=22.0, secondorder=1, usetable=0),
)
TOLERANCE = 1e-10
# Rates and fluxes that cancel: what is left is rounding of terms that are larger by these factors.
CANCELLING = {("NaV", ""): 1e-7, ("capmpr", "ica"): 1e-3}


def demo() -> Path:
    spec = importlib.util.find_spec("neuron")
    assert spec is not None and spec.origin is not None
    return Path(spec.origin).parent / ".data" / "share" / "nrn" / "demo" / "release"


def texts(folder: Path) -> list[tuple[str, str]]:
    return [(path.read_text(encoding="latin-1"), path.name) for path in sorted(folder.glob("*.mod"))]


def tolerance(mechanism: str, variable: str) -> float:
    return CANCELLING.get((mechanism, variable), CANCELLING.get((mechanism, ""), TOLERANCE))


def translated(sources: list[tuple[str, str]], refused: tuple[str, ...] = ()) -> list[Translation]:
    """Every text translated, but those of the files named, which must be refused."""
    found = dict(zip([file for _, file in sources], translate_all(sources), strict=True))
    assert {file: str(one) for file, one in found.items() if isinstance(one, Findings) and file not in refused} == {}
    assert [file for file in refused if not isinstance(found[file], Findings)] == []
    return [one for one in found.values() if not isinstance(one, Findings)]


def compare(
    sources: list[tuple[str, str]], libraries: list[Path], folder: Path, refused: tuple[str, ...] = ()
) -> dict[str, float]:
    """Largest relative difference beyond its tolerance per ``mechanism variable``, of all but the files refused."""
    found = [one for one in translated(sources, refused) if one.kind != "artificial"]  # these have no step of their own
    mechanisms = [generated.load(one.python) for one in found for _ in SETTINGS]
    jobs = [verify.job(m, setting) for m, setting in zip(mechanisms, list(SETTINGS) * len(found), strict=True)]
    results = verify.run_neuron(jobs, [str(library) for library in libraries], folder)
    wrong = {}
    for mechanism, job, result in zip(mechanisms, jobs, results, strict=True):
        for name, value in verify.differences(mechanism, job, result).items():
            allowed = CANCELLING.get(
                (mechanism.name, name.split()[-1]), CANCELLING.get((mechanism.name, ""), TOLERANCE)
            )
            if not value <= allowed:
                wrong[f"{mechanism.name} at {job['celsius']}: {name}"] = value
    return wrong


def test_builtin_mechanisms_equal_neuron(tmp_path):
    assert compare(list(builtin.read_sources().values()), [], tmp_path) == {}


def test_demo_mechanisms_equal_neuron(tmp_path):
    library = next((demo() / "x86_64").glob("libnrnmech.*"))
    assert compare(texts(demo()), [library], tmp_path) == {}


@pytest.mark.long
def test_language_features_equal_neuron(tmp_path, mod_library):
    folder = ROOT / "mod" / "features"
    assert compare(texts(folder), [mod_library(folder)], tmp_path) == {}


def test_every_file_of_our_own_is_translated():
    sources = [one for folder in sorted((ROOT / "mod").iterdir()) for one in texts(folder)]
    assert len(translated(sources)) == len(sources) == len(list((ROOT / "mod").rglob("*.mod")))


def corpus(package: str, inside: str) -> Path:
    """A folder of .mod files that a wheel ships; the wheels are installed without their dependencies."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        pytest.fail(f"the tests need the package {package} (make test installs it)")
    found = [
        path for path in (Path(spec.origin).parent / inside, Path(spec.origin).parents[1] / inside) if path.is_dir()
    ]
    if not found:
        pytest.fail(f"{package} holds no {inside}")
    return found[0]


@pytest.mark.long
def test_bmtk_mechanisms_equal_neuron(tmp_path, mod_library):
    folder = corpus("bmtk", "utils/scripts/bionet/mechanisms/modfiles")
    assert compare(texts(folder), [mod_library(folder)], tmp_path, refused=("vecevent.mod",)) == {}


@pytest.mark.long
def test_sscx_mechanisms_equal_neuron(tmp_path, mod_library):
    folder = corpus("emodelrunner", "examples/sscx_sample_dir/mechanisms")
    refused = ("ProbAMPANMDA_EMS.mod", "ProbGABAAB_EMS.mod", "StochKv3.mod", "VecStim.mod")
    assert compare(texts(folder), [mod_library(folder)], tmp_path, refused) == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [("0.07 * exp", "0.0700001 * exp"), ("minf / mtau", "minf * 1.000001 / mtau"), ("m * m * m", "m * m")],
)
def test_a_planted_fault_is_seen(tmp_path, old, new):
    text, file = builtin.read_sources()["hh"]
    found = translate_all([(text, file)])[0]
    assert not isinstance(found, Findings) and old in found.python
    mechanism = generated.load(found.python.replace(old, new))
    job = verify.job(mechanism, SETTINGS[0])
    result = verify.run_neuron([job], [], tmp_path)[0]
    assert max(verify.differences(mechanism, job, result).values()) > 1e-8


def test_packaged_mechanisms_are_what_the_compiler_writes():
    for name, python in builtin.generate().items():
        packaged = (builtin.FOLDER / f"{name.lower()}.py").read_text(encoding="utf-8")
        assert packaged == python, f"{name}: run python -m jxneuron.nmodl.builtin"

"""Blocks that a solver evaluates several times and that set variables on some paths only, against NEURON."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from jxneuron.errors import Unsupported
from jxneuron.model import file
from jxneuron.modules.simulate import run_model
from jxneuron.nmodl import translate

MOD = Path(__file__).parents[2] / "mod" / "again"
STEPS = 120
MECHANISMS = ("stiff", "runged", "sparsed", "rooted")
VARIABLES = ("m", "kept", "capped", "first", "late", "i")
RUN = """
from jxneuron.importer import read_session
from jxneuron.model import file

soma, dend = h.Section(name="soma"), h.Section(name="dend")
dend.connect(soma(1))
dend.nseg = 3
for s in (soma, dend):
    s.L = s.diam = 30
    s.insert("hh")
    for name in given["mechanisms"]:
        s.insert(name)
        for seg in s:
            setattr(seg, "limit_" + name, -66 + 4*seg.x)
clamp = h.IClamp(soma(0.5))
clamp.delay, clamp.dur, clamp.amp = 0.5, 1, 2
columns, records = [], []
for s in (soma, dend):
    for seg in s:
        for name in given["mechanisms"]:
            for variable in given["variables"]:
                columns.append(getattr(seg, f"_ref_{variable}_{name}"))
                records.append(f"{s.name()}({seg.x:.12g}).{variable}_{name}")
file.save(read_session(h, init="ours", strict=True, record=records), given["path"])
h.finitialize(-65)
rows = [[x[0] for x in columns]]
for _ in range(given["steps"]):
    h.fadvance()
    rows.append([x[0] for x in columns])
give([records, rows])
"""


def test_what_is_kept_on_a_path_is_kept_as_in_neuron(neuron_child, mod_library, tmp_path):
    named = {"mechanisms": MECHANISMS, "variables": VARIABLES, "steps": STEPS, "path": str(tmp_path / "model")}
    records, rows = neuron_child(RUN, libraries=[mod_library(MOD)], **named)
    model = file.open(tmp_path / "model")
    assert {s.mechanism for s in model.sources if "sequential=" in s.python} == set(MECHANISMS)
    ours = run_model(model, t_stop=STEPS * model.settings.dt).records
    for name, theirs in zip(records, np.array(rows).T, strict=True):
        assert np.ptp(theirs) > 0, name
        np.testing.assert_allclose(ours[name], theirs, rtol=1e-9, atol=1e-9, err_msg=name)


@pytest.mark.parametrize("mechanism", MECHANISMS)
@pytest.mark.parametrize(
    ("statement", "name"),
    [
        ("kept = kept + 1", "kept"),
        ("if (v > limit) { kept = kept + 1 }", "kept"),
        ("if (m > 0.5) { kept = 2 }", "kept"),
        ("first = m  if (first > 0.5) { kept = 2 }", "kept"),
        ("if (capped > 1) { kept = 2 } else { capped = 2 }", "capped"),
        ("capped = kept  kept = 3", "kept"),
        ("if (kept > 1) { kept = m }", "kept"),
        ("if (begun == 0) { begun = 1  kept = m }", "kept"),
        ("while (kept < 3) { kept = kept + 1 }", "kept"),
    ],
)
def test_what_counts_evaluations_is_refused(mechanism: str, statement: str, name: str):
    text = (MOD / f"{mechanism}.mod").read_text()
    old = "if (v > limit) { kept = 2 + v/100 }"
    assert text.count(old) == 1
    with pytest.raises(Unsupported, match=f" {name} depends on how often .* evaluates"):
        translate(text.replace(old, statement), file="x.mod")


@pytest.mark.parametrize("declared", ["USEION ca READ cai WRITE cai", "POINTER cai", "RANGE cai"])
@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_what_is_read_before_it_is_set_is_refused_wherever_it_is(mechanism: str, declared: str):
    text = (MOD / f"{mechanism}.mod").read_text()
    text = text.replace("RANGE g", f"{declared}\n    RANGE g").replace("    late\n", "    late\n    cai (mM)\n")
    text = text.replace("if (v > limit) { kept = 2 + v/100 }", "kept = cai  cai = 2*m")
    with pytest.raises(Unsupported, match=r" cai depends on how often .* evaluates"):
        translate(text, file="x.mod")

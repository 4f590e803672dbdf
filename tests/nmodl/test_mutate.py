"""Rewriting a text: what changes, what stays, and that nothing is lost."""

from __future__ import annotations

import re

import pytest

from jxneuron.nmodl.frontend.tokens import cut_pieces
from jxneuron.nmodl.mutate import list_constants, make_mutant, rename

TEXT = """\
TITLE costs 5 dollars
NEURON { SUFFIX cost USEION ca READ cai WRITE ica VALENCE 2  RANGE gbar, out }
UNITS { (mV) = (millivolt)  FARADAY = 96485.3 (coulomb) }
PARAMETER { gbar = 0.2 (S/cm2) <0, 1e9>   n[3]   k0 = 4   cai0 = 7 }
STATE { m k c[4] FROM 0 TO 1 }
ASSIGNED { v (mV) ica (mA/cm2) cai (mM) out }
BREAKPOINT { SOLVE states METHOD cnexp  ica = gbar*m*(v - 130) : not 77
}
INITIAL { FROM i = 1 TO 3 { c[i] = 8.5 }
  if (a == 6 || -3 != k || m >= 2.5) { a = 12.5 } }
DERIVATIVE states { LOCAL a, b[2], far
  a = rate(v, 25 (mV))  b[1] = 0  far = 1e-3  m' = (a - m)/9 }
FUNCTION rate(x (mV), scale (1/ms)) (1/ms) { rate = exp((x + 40)/10) TABLE DEPEND scale FROM -100 TO 100 WITH 200 }
KINETIC never { ~ 2 m + k <-> 3 k (0.5, a*11)  CONSERVE 2*m + k = 1.5 }
VERBATIM far = 12; ENDVERBATIM
COMMENT 99 ENDCOMMENT
"""


def numbers(text: str) -> list[str]:
    return [text[p.start : p.end] for p in cut_pieces(text) if p.kind == "number"]


def names(text: str) -> list[str]:
    return [text[p.start : p.end] for p in cut_pieces(text) if p.kind == "name"]


def test_pieces_are_the_text():
    assert "".join(TEXT[p.start : p.end] for p in cut_pieces(TEXT)) == TEXT


def test_constants_are_those_of_the_code_and_not_of_comments():
    found = list_constants(TEXT)
    assert {130.0, 0.2, 1e9, 1e-3, 40.0} <= set(found)
    assert not {5.0, 77.0, 12.0, 99.0} & set(found)
    assert len(found) == len(set(found))


def test_renaming_changes_one_word():
    changed = rename(TEXT, "price")
    assert changed == TEXT.replace("SUFFIX cost", "SUFFIX price")


@pytest.mark.parametrize("seed", range(3))
def test_a_mutant_changes_every_constant_by_three_per_cent_and_no_other_number(seed: int):
    pairs = list(zip(numbers(TEXT), numbers(make_mutant(TEXT, seed)), strict=True))
    changed = {float(old) for old, new in pairs if old != new}
    assert changed == {0.2, 4.0, 7.0, 130.0, 8.5, 2.5, 12.5, 25.0, 1e-3, 9.0, 40.0, 10.0, 0.5, 11.0, 1.5}
    assert all(abs(float(new) / float(old) - 1.0) == pytest.approx(0.03) for old, new in pairs if old != new)


def test_a_mutant_leaves_the_numbers_that_choose_a_branch():
    text = (
        "FUNCTION alp(v (mV), i) { IF (i == 0) { alp = 2.5 } ELSE IF (-1 != i) { alp = v*3.5 } }\n"
        "PROCEDURE rates(u) { u = alp(4.5*(u - 5.5), -1) + alp(6.5 (mV), 0) + exp(1) }\n"
    )
    kept = [old for old, new in zip(numbers(text), numbers(make_mutant(text, 0)), strict=True) if old == new]
    assert kept == ["0", "1", "1", "0"]


def test_a_mutant_leaves_the_flags_of_events() -> None:
    text = "NET_RECEIVE (w) { net_send(2.5, 3)  if (flag == 3) { WATCH (x > 1.5) 4 } }"
    mutant = make_mutant(text, 0)
    assert ", 3)" in mutant and ") 4 }" in mutant and "== 3" in mutant
    assert "(2.5," not in mutant and "> 1.5)" not in mutant


def test_mutants_differ():
    assert len({tuple(numbers(make_mutant(TEXT, seed))) for seed in range(5)}) == 5


def test_a_mutant_changes_names_that_are_its_own():
    changed = names(make_mutant(TEXT, 0))
    pairs = dict(zip(names(TEXT), changed, strict=True))
    own = {"cost", "gbar", "out", "m", "states", "rate", "a", "b", "n", "c", "cai0", "never"}
    assert {old for old, new in pairs.items() if old != new} == own
    assert all(pairs[name] == f"{name}_m1" for name in own)


def test_a_mutant_keeps_what_others_know_by_name():
    """NEURON and other mechanisms (v, cai), a state's START value (k0), C code (far), units."""
    changed = make_mutant(TEXT, 0)
    for word in ("v", "cai", "ica", "k0", "k", "far", "mV", "FARADAY"):
        assert len(re.findall(rf"\b{word}\b", changed)) == len(re.findall(rf"\b{word}\b", TEXT)), word


def test_a_file_that_includes_another_keeps_its_names():
    text = 'NEURON { SUFFIX one RANGE g }\nPARAMETER { g = 2 }\nINCLUDE "rates.inc"\n'
    assert names(make_mutant(text, 0)) == ["NEURON", "SUFFIX", "one_m1", *names(text)[3:]]

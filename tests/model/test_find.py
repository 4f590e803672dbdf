"""Names to places, and what is said where nothing fits."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from jxneuron.errors import ModelError
from jxneuron.model import find
from jxneuron.model.model import Probe


@pytest.mark.parametrize(
    ("name", "index"),
    [("Cell[0].soma[0]", 0), ("Cell[0].soma", 0), ("soma", 0), ("soma[0]", 0), ("dend[3]", 1), ("Cell[0].dend[3]", 1)],
)
def test_sections_by_name(model, name, index):
    assert find.section(model, name) == index


def test_an_unknown_section_names_near_ones(model):
    with pytest.raises(ModelError, match=r"Cell\[0\]\.dend\[2\].*did you mean Cell\[0\]\.dend\[3\]"):
        find.section(model, "Cell[0].dend[2]")


def test_an_ambiguous_section_is_refused(model):
    other = dataclasses.replace(model.sections[0], name="Cell[1].soma[0]")
    two = dataclasses.replace(model, sections=(*model.sections, other))
    with pytest.raises(ModelError, match=r"several cells.*Cell\[0\].soma\[0\], Cell\[1\].soma\[0\]"):
        find.section(two, "soma")


@pytest.mark.parametrize(
    ("x", "node"), [(0.0, 2), (1e-9, 3), (0.25, 3), (0.499, 3), (0.5, 4), (0.75, 4), (1 - 1e-16, 4), (1.0, 5)]
)
def test_nodes_by_place(model, x, node):
    assert find.node(model, "dend[3]", x) == node


def test_a_node_is_named_as_it_is_looked_up(model):
    for node in np.flatnonzero(~model.nodes.is_end).tolist():
        name = find.node_name(model, node)
        assert find.probe(model, f"{name}.v").node == node


@pytest.mark.parametrize("x", [-0.01, 1.01, float("nan")])
def test_a_segment_lies_in_0_to_1(model, x):
    with pytest.raises(ModelError, match=r"dend\[3\]\(.*0\.\.1"):
        find.node(model, "dend[3]", x)


@pytest.mark.parametrize(
    ("name", "variable", "node"),
    [
        ("dend[3](0.75).v", "v", 4),
        ("dend[3](1).v", "v", 5),
        ("dend[3](1).m_hh", "m_hh", 4),
        ("Cell[0].dend[3](0.1).hh.m", "m_hh", 3),
        ("soma.v", "v", 1),
        ("soma.hh.gnabar", "gnabar_hh", 1),
        ("dend[3](0.2).ca_cadif[2]", "ca_cadif[2]", 3),
        ("dend[3](0.2).cadif.ca[0]", "ca_cadif[0]", 3),
        ("soma(0.5).ina", "ina", 1),
        ("soma(0.5).nai", "nai", 1),
        ("soma(0.5).ena", "ena", 1),
    ],
)
def test_segment_variables(model, name, variable, node):
    assert find.probe(model, name) == Probe(name, variable, node)


def test_point_process_variables(model):
    assert find.probe(model, "IClamp[4].amp") == Probe("IClamp[4].amp", "amp", -1, "IClamp[4]")


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("soma(1.5).v", r"soma.*\(1\.5\).*0\.\.1"),
        ("soma(mid).v", "'mid' is no location"),
        ("soma(0.5).gnabar_h", "no variable 'gnabar_h' there; did you mean gnabar_hh"),
        ("soma(0.5).k_cadif", "no variable 'k_cadif' there"),
        ("dend[3](0.5).ca_cadif", r"record ca_cadif\[0\] to ca_cadif\[2\]"),
        ("dend[3](0.5).ca_cadif[3]", "has 3 elements"),
        ("dend[3](0.5).k_cadif[0]", "record k_cadif$"),
        ("sma(0.5).v", "no such section"),
        ("IClamp[1].amp", r"did you mean IClamp\[\d\]"),
        ("IClamp[0].amps", "no variable 'amps' there; did you mean amp"),
        ("nonsense", r"reads section\(x\)\.variable"),
    ],
)
def test_what_is_said_where_nothing_fits(model, name, message):
    with pytest.raises(ModelError, match=message):
        find.probe(model, name)


@pytest.mark.parametrize("seed", range(3))
def test_roots_in_any_order(seed):
    """Against walking up from each node, in forests whose parents need not stand first."""
    random = np.random.default_rng(seed)
    label = random.permutation(40)
    parent = np.full(40, -1)
    for i in range(3, 40):
        parent[label[i]] = label[random.integers(i)]

    def walked(node: int) -> int:
        return node if parent[node] < 0 else walked(parent[node])

    assert find.roots(parent).tolist() == [walked(node) for node in range(40)]
    chain = np.arange(-1, 1000)
    assert not find.roots(chain).any() and len(find.roots(chain)) == 1001

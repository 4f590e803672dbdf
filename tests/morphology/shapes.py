"""Random morphology files, and ours beside NEURON's reading of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from jxneuron import morphology as shapes
from jxneuron.morphology.lay import to_model
from jxneuron.morphology.tree import Morphology


def random_swc(seed: int) -> str:
    """A tree of up to 80 points with somas of many kinds, jumps between branches, and changes of type."""
    draw = np.random.default_rng(seed)
    count, somas = int(draw.integers(1, 80)), int(draw.choice([0, 1, 1, 2, 3, 3, 4, 8]))
    types: list[int] = []
    parents: list[int] = []
    places: list[np.ndarray] = []
    for i in range(count):
        parent = i - 1 if draw.random() < 0.7 or i == 0 else int(draw.integers(0, i))
        if i < somas:
            kind, parent = 1, (0 if somas == 3 and i and draw.random() < 0.5 else parent)
        elif parent < 0 or types[parent] == 1 or draw.random() < 0.15:
            kind = int(draw.choice([2, 3, 4, 0, 5, 6, 1], p=[0.2, 0.3, 0.2, 0.1, 0.1, 0.05, 0.05]))
        else:
            kind = types[parent]
        start = places[parent] if parent >= 0 else np.zeros(3)
        places.append(start + draw.normal(size=3) * 8 * (draw.random() < 0.97))
        types.append(kind)
        parents.append(parent)
    radii = np.abs(draw.normal(size=count)) + 0.05
    if somas == 3 and count >= 3 and draw.random() < 0.6:
        for i, side in ((1, -1), (2, 1)):
            parents[i], radii[i], places[i] = 0, radii[0], places[0] + [0, side * radii[0], 0]
    first, step, digits = int(draw.choice([0, 1, 7])), int(draw.choice([1, 1, 3])), int(draw.choice([1, 3, 6, 9]))
    rows = []
    for i in range(count):
        style = f".{digits}f" if draw.random() < 0.9 else f".{digits + 1}e"
        numbers = " ".join(format(value, style) for value in (*places[i], radii[i]))
        parent = -1 if parents[i] < 0 else first + step * parents[i]
        rows.append(f"{first + step * i} {types[i]} {numbers} {parent}")
    return "# random\n" + "\n".join(rows) + "\n"


def random_asc(seed: int) -> str:
    """Outlines of somas, flat, tilted and stacked, and trees with spines, markers, comments and endings."""
    draw = np.random.default_rng(seed)
    digits = int(draw.choice([1, 2, 4, 7]))
    centre = draw.normal(size=3) * 20
    somas = int(draw.choice([0, 1, 1, 1, 2, 3]))
    lines = ["; V3 text file", *_outlines(draw, somas, centre, digits)]
    for _ in range(int(draw.integers(0 if somas else 1, 5))):
        colour = draw.choice(["Red", "RGB (1, 2, 3)"])
        lines.append(f"( (Color {colour}) ({draw.choice(['Axon', 'Dendrite', 'Apical', 'Other'])})")
        _branch(lines, draw, centre + draw.normal(size=3) * (5 if draw.random() < 0.8 else 50), 0, digits)
        lines.append(")")
    return "\n".join(lines) + "\n"


def _outlines(draw: np.random.Generator, count: int, centre: np.ndarray, digits: int) -> list[str]:
    kind, apart = draw.choice(["ellipse", "circle", "square", "bumpy", "tilted"]), 60 * (draw.random() < 0.3)
    lines = []
    for number in range(count):
        angle = np.linspace(0, 2 * np.pi, int(draw.integers(3, 30)), endpoint=False)
        flat = np.stack([np.cos(angle), np.sin(angle)], axis=1) * ([6, 6] if kind == "circle" else [9, 5])
        if kind == "square":
            flat = np.array([[-5.0, -5.0], [5.0, -5.0], [5.0, 5.0], [-5.0, 5.0]])
        elif kind == "bumpy":
            flat = flat + draw.normal(size=flat.shape)
        height = 3.0 * number + (draw.normal(size=len(flat)) if kind == "tilted" else np.zeros(len(flat)))
        rows = np.column_stack([flat + centre[:2] + [apart * number, 0], height + centre[2], np.zeros(len(flat))])
        name = draw.choice(["CellBody", "Cell Body", "Soma"])
        lines += [f'("{name}" (Color Red) (CellBody)', *(_point(row, digits) for row in rows), ")"]
    return lines


def _point(row: np.ndarray, digits: int) -> str:
    return "  (" + " ".join(f"{value:.{digits}f}" for value in row) + ")"


def _branch(lines: list[str], draw: np.random.Generator, at: np.ndarray, depth: int, digits: int) -> None:
    for _ in range(int(draw.integers(1, 6))):
        at = at + draw.normal(size=3) * 4
        spine = ' <(Class 1 "S") (1 2 3 .4)>' if draw.random() < 0.05 else ""
        lines.append(_point(np.append(at, abs(draw.normal()) + 0.1), digits) + spine + " ; c" * (draw.random() < 0.2))
    if draw.random() < 0.1:
        lines.append('(Dot (Color Blue) (Name "x") (1 2 3 4) (3 4 5 6))')
    if depth < 4 and draw.random() < 0.6:
        lines.append("(")
        for number in range(int(draw.integers(1, 4))):
            lines += ["|"] * (number > 0)
            if draw.random() < 0.3:
                lines.append(_point(np.append(at, 0.5), digits))
            _branch(lines, draw, at, depth + 1, digits)
        lines.append(")")
    elif draw.random() < 0.7:
        lines.append(str(draw.choice(["Normal", "High", "Low", "Incomplete", "Generated"])))


def compare(file: Path, neuron: dict[str, Any]) -> None:
    """Sections, points, lengths, areas and resistances of a file, ours and NEURON's, without any tolerance."""
    compare_sections(shapes.read(file), neuron, file.name)


def compare_sections(ours: Morphology, neuron: dict[str, Any], place: str) -> None:
    """The same for a Morphology; a cylinder has no points in NEURON."""
    assert list(ours.names) == neuron["names"], place
    assert [trace.parent for trace in ours.traces] == neuron["parent"], place
    assert [trace.parent_x for trace in ours.traces] == neuron["parent_x"], place
    for trace, points in zip(ours.traces, neuron["points"], strict=True):
        if trace.cylinder is not None:
            assert points == [], f"{place} {trace.name}"
            continue
        found = np.column_stack([trace.points[:, :3], np.abs(trace.points[:, 3])])
        np.testing.assert_array_equal(found, np.array(points), err_msg=f"{place} {trace.name}")
    for rule, cut in zip((1, 3, "d_lambda"), neuron["cuts"], strict=True):
        if cut is not None:
            compare_cut(ours, shapes.d_lambda_nseg(ours) if rule == "d_lambda" else rule, cut, neuron["L"], place)


def compare_cut(ours: Morphology, nseg: Any, cut: dict[str, Any], lengths: list[float], place: str) -> None:
    """One number of segments; NEURON shows the sum of two halves as 1/(1/sum)."""
    model = to_model(ours, nseg, Ra=1.0, cm=1.0, v=-65.0)
    nodes = model.nodes
    for i, section in enumerate(model.sections):
        centres = list(section.centres)
        where = f"{place} {section.name}"
        assert (section.nseg, section.L) == (cut["nseg"][i], lengths[i]), where
        np.testing.assert_array_equal(nodes.area[centres], cut["area"][i], err_msg=f"{where} area")
        halves = np.append(0.0, nodes.half_out[centres]) + np.append(nodes.half_in[centres], 0.0)
        np.testing.assert_array_equal(1 / (1 / halves), cut["ri"][i], err_msg=f"{where} ri")
        np.testing.assert_allclose(nodes.diam[centres], cut["diam"][i], rtol=1e-9, atol=1e-9, err_msg=where)

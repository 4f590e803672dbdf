"""Spatial: where a module lies, and its pictures.

In: the rows that a module sees. Out: other coordinates in its Model, or matplotlib artists. Nothing here changes a run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jxneuron.errors import ModelError
from jxneuron.model.model import Floats
from jxneuron.modules import coordinates, layout
from jxneuron.modules.facts import Facts
from jxneuron.modules.values import read_only


class Spatial(Facts):
    """Compartments with coordinates."""

    @property
    def xyzr(self) -> tuple[Floats, ...]:
        """Where each branch is drawn, (points, 4) each: x, y, z, radius in um; (0, 4) without coordinates.

        Read-only copies: change them with ``move``, ``move_to``, ``rotate`` and ``compute_xyz``.
        """
        places = [self.model.sections[index].place for index in self._sections()]
        return tuple(read_only(place * [1.0, 1.0, 1.0, 0.5]) for place in places)

    def _whole_sections(self, verb: str) -> list[int]:
        """As ``_sections``.

        Raises:
            ModelError: the module sees a part of a branch only.
        """
        self._require_compartments(verb)
        sections, rows = self._sections().tolist(), len(self._visible())
        if sum(self.model.sections[index].nseg for index in sections) != rows:
            raise ModelError(f"{verb} takes whole branches, and this view holds a part of one: take .branch(i)")
        return sections

    def _trees(self, verb: str) -> list[list[int]]:
        """The branches of each cell.

        Raises:
            ModelError: the module sees a part of a cell only.
        """
        sections, table = self._whole_sections(verb), self._core.rows
        cell_of = dict(zip(table.section.tolist(), table.cell.tolist(), strict=True))
        found: dict[int, list[int]] = {}
        for index in sections:
            found.setdefault(cell_of[index], []).append(index)
        whole = np.bincount(list(cell_of.values()))
        if any(len(members) != whole[cell] for cell, members in found.items()):
            raise ModelError(f"{verb} takes whole cells, and this view holds a part of one: take .cell(i)")
        return list(found.values())

    def compute_xyz(self) -> None:
        """Lay the cells out in the plane, as long and as wide as they are; coordinates that they had are lost.

        Branches are straight and do not cross; each cell starts at the origin and runs along x, several cells are on
        a grid. For pictures only.

        Raises:
            ModelError: a view of a part of a cell.
        """
        trees = self._trees("compute_xyz")
        places = layout.side_by_side([layout.tree_of(self.model, members) for members in trees])
        self._core.model = coordinates.with_places(self.model, places)

    def move(self, x: float = 0.0, y: float = 0.0, z: float = 0.0) -> None:
        """Shift by x, y, z, um. For pictures only.

        Raises:
            ModelError: a part of a branch, a branch without coordinates, or a shift that is no number.
        """
        shift = _place(x, y, z)
        self._core.model = coordinates.mapped(self.model, self._whole_sections("move"), lambda xyz: xyz + shift)

    def move_to(self, x: Any = 0.0, y: Any = 0.0, z: Any = 0.0) -> None:
        """Shift so that the first branch starts at x, y, z, um. For pictures only.

        Args:
            x: one number: all cells are shifted together; or one for each cell, as y and z: each is put in its place.
            y: as x.
            z: as x.

        Raises:
            ModelError: a part of a branch or, with several places, of a cell; a branch without coordinates; a wrong
                number of places.
        """
        if np.ndim(x) or np.ndim(y) or np.ndim(z):
            self._move_cells(np.stack(np.broadcast_arrays(*np.atleast_1d(x, y, z)), axis=-1).astype(float))
            return
        sections = self._whole_sections("move_to")
        coordinates.require(self.model, sections)
        shift = _place(x, y, z) - coordinates.start(self.model.sections[sections[0]])
        self._core.model = coordinates.mapped(self.model, sections, lambda xyz: xyz + shift)

    def _move_cells(self, places: Floats) -> None:
        trees = self._trees("move_to")
        if places.shape != (len(trees), 3) or not np.isfinite(places).all():
            raise ModelError(f"move_to: {places.shape} places for {len(trees)} cells: give one x, y, z for each")
        model = self.model
        coordinates.require(model, [index for members in trees for index in members])
        for members, place in zip(trees, places, strict=True):
            shift = place - coordinates.start(model.sections[members[0]])
            model = coordinates.mapped(model, members, lambda xyz, shift=shift: xyz + shift)
        self._core.model = model

    def rotate(self, degrees: float, rotation_axis: str = "xy") -> None:
        """Turn clockwise about the origin. For pictures only.

        Args:
            degrees: how far; 90 in ``xy`` takes (1, 0) to (0, -1).
            rotation_axis: the plane of the turn, ``xy``, ``xz`` or ``yz``.

        Raises:
            ModelError: a part of a branch, a branch without coordinates, another plane.
        """
        sections = self._whole_sections("rotate")
        self._core.model = coordinates.mapped(
            self.model, sections, lambda xyz: coordinates.turned(xyz, degrees, rotation_axis)
        )

    def arrange_in_layers(
        self,
        layers: Sequence[int],
        within_layer_offset: float = 500.0,
        between_layer_offset: float = 1500.0,
        vertical_layers: bool = False,
    ) -> None:
        """Move each cell to a place in a layer; cells without coordinates are laid out first. For pictures only.

        Args:
            layers: how many cells each layer has, in the order of the cells.
            within_layer_offset: um between the starts of neighbouring cells of a layer.
            between_layer_offset: um between layers.
            vertical_layers: True: one layer below another; False: one beside another.

        Raises:
            ModelError: the layers do not hold exactly the cells of this module.
        """
        trees = self._trees("arrange_in_layers")
        places = layout.in_layers(layers, len(trees), within_layer_offset, between_layer_offset, vertical_layers)
        model = self.model
        for members in trees:
            if not all(len(model.sections[index].place) >= 2 for index in members):
                model = coordinates.with_places(model, layout.tree_of(model, members))
        self._core.model = model
        self._move_cells(places)

    def vis(
        self,
        ax: Any = None,
        col: Any = "k",
        dims: Sequence[int] = (0, 1),
        type: str = "line",
        morph_plot_kwargs: Mapping[str, Any] | None = None,
        *,
        color: Any = None,
        color_by: Any = None,
        cmap: Any = "viridis",
        vmin: float | None = None,
        vmax: float | None = None,
        colorbar: bool = True,
        detail: str = "full",
        layers: Sequence[int] | None = None,
        layer_kwargs: Mapping[str, Any] | None = None,
        synapse_col: Any = "b",
        synapse_plot_kwargs: Mapping[str, Any] | None = None,
        synapse_scatter_kwargs: Mapping[str, Any] | None = None,
        networkx_options: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> Any:
        """Draw these compartments. Nothing is changed by it, and what has no coordinates is laid out for the picture.

        Args:
            ax: matplotlib axes; None makes a figure.
            col: a colour, one for each compartment, or the name of a column or state (``v``, ``HH_gNa``, ``radius``, a
                group, a mechanism), which colours by its values with a colour bar and its unit.
            dims: which of x, y, z (0, 1, 2) go across and up; three of them draw in space.
            type: ``line``: lines of one width; ``morph``: solid, as thick as the traced points say, tapered between
                them; ``comp``: solid, each compartment as thick as its radius; ``scatter``: the traced points, and the
                centre of a compartment that holds none.
            morph_plot_kwargs: what matplotlib's collection (``scatter`` for dots) takes: ``linewidth``, ``alpha``, ...
            color: another name of ``col``.
            color_by: as ``col`` for names that are also colours; or one number for each compartment.
            cmap: the colour map.
            vmin: the value at its lower end; None takes the least.
            vmax: the value at its upper end; None takes the greatest.
            colorbar: show the colour bar or legend.
            detail: ``full``; ``point``: each cell a dot, its connections arrows (a networkx graph).
            layers: how many cells each layer has: the cells are drawn in layers, but not moved.
            layer_kwargs: ``within_layer_offset`` and ``between_layer_offset`` in um, ``vertical_layers``; see
                ``arrange_in_layers``.
            synapse_col: colour of synapses.
            synapse_plot_kwargs: options of the lines of synapses.
            synapse_scatter_kwargs: options of the dots where they act.
            networkx_options: options of ``networkx.draw_networkx``.
            options: more of ``morph_plot_kwargs``.

        Returns:
            the axes.

        Raises:
            KeyError: neither a colour nor a column; names near matches.
            ModelError: another argument that means nothing.
            JxneuronError: matplotlib, or for a graph networkx, is not installed.
        """
        from jxneuron.pictures.vis import Look, vis

        look = Look(
            dims=dims,
            type=type,
            detail=detail,
            layers=layers,
            morph={**(morph_plot_kwargs or {}), **options},
            synapse_col=synapse_col,
            synapse_lines=dict(synapse_plot_kwargs or {}),
            synapse_dots=dict(synapse_scatter_kwargs or {}),
            networkx=dict(networkx_options or {}),
            layer=dict(layer_kwargs or {}),
        )
        shown = {"col": col if color is None else color, "by": color_by, "cmap": cmap, "vmin": vmin, "vmax": vmax}
        return vis(self, ax, look, shown, colorbar)


def _place(x: float, y: float, z: float) -> Floats:
    place = np.array([x, y, z], float)
    if not np.isfinite(place).all():
        raise ModelError(f"({x}, {y}, {z}) is no place: three numbers in um are needed")
    return place

"""What looks like a change of a module and would be none is refused, and says what to write."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pandas as pd
import pytest

import jxneuron as jx
from jxneuron.connect import connect
from jxneuron.synapses import IonotropicSynapse

G = "IonotropicSynapse_gS"


def cell() -> Any:
    made = jx.Cell([jx.Branch(nseg=3), jx.Branch(nseg=2)], [-1, 0])
    made.insert("hh")
    made.branch(0).add_to_group("soma")
    return made


def network() -> Any:
    made = jx.Network([cell(), cell()])
    connect(made.cell(0).branch(0).comp(0), made.cell(1).branch(0).comp(0), IonotropicSynapse())
    made.record("v", verbose=False)
    return made


MODULES = {
    "compartment": jx.Compartment,
    "branch": lambda: jx.Branch(nseg=2),
    "cell": cell,
    "network": network,
    "view": lambda: cell().branch(1),
    "view of a view": lambda: network().cell(0).branch(1).comp(0),
    "group": lambda: cell().soma,
    "section": lambda: cell().section("branch[0]"),
    "synapses": lambda: network().IonotropicSynapse,
}


@pytest.mark.parametrize("kind", MODULES)
@pytest.mark.parametrize("name", ["L", "radius", "celsius", "v", "raduis", "nodes", "dt", "of_my_own"])
def test_attributes_of_modules_are_not_assigned(kind, name):
    module: Any = MODULES[kind]()
    before = module.base.model
    with pytest.raises(AttributeError, match=rf"\.{name} = 30.0 would change nothing: .*(\.set|integrate)\("):
        setattr(module, name, 30.0)
    assert module.base.model is before
    assert name not in vars(module)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("gnabar_hh", r"write \.set\('gnabar_hh', 0\.2\)"),
        ("gnabr_hh", "did you mean gnabar_hh"),
        ("g_pas", r'insert\("pas"\) first, then write \.set\(\'g_pas\', 0\.2\)'),
        ("soma", r"a group of compartments: write \.soma\.set\(key, \.\.\.\)"),
        ("nseg", r"write \.set_nseg\(\.\.\.\)"),
        ("v_init", r"write \.set\(\"v\", \.\.\.\)"),
        ("tstop", r"jx\.integrate\(module, t_max=\.\.\.\)"),
        ("record", "record belongs to every module"),
        ("own", r"its body declares it \(own: object\)"),
    ],
)
def test_the_refusal_says_what_to_write(name, message):
    with pytest.raises(AttributeError, match=message):
        setattr(cell(), name, 0.2)


def test_items_of_modules_are_not_assigned():
    for module, index in ((cell(), 0), (network(), (0, 1)), (cell().branch(0), "radius")):
        with pytest.raises(TypeError, match=r"take a view, module\[\.\.\.\], and call \.set\(key, value\)"):
            module[index] = 3.0


class Labelled(jx.Cell):
    """A class of a user's own: what its body declares can be assigned."""

    label: str
    count = 0

    def __init__(self, label: str) -> None:
        super().__init__([jx.Branch(nseg=2)], [-1])
        self.label = label
        self.count += 1
        self._hidden = [label]

    @property
    def size(self) -> float:
        """The radius, as a property that can be assigned."""
        return float(self.get("radius")[0])

    @size.setter
    def size(self, value: float) -> None:
        self.set("radius", value)


class Inherited(Labelled):
    """Inherits what its parent declares."""


@pytest.mark.parametrize("kind", [Labelled, Inherited])
def test_a_class_of_the_user_may_declare_attributes(kind):
    made: Any = kind("first")
    made.label, made.size = "second", 3.0
    assert made.get("radius").tolist() == [3.0, 3.0]
    for other in (made, pickle.loads(pickle.dumps(made)), copy.deepcopy(made), made.copy()):
        assert (type(other), other.label, other.count, other._hidden) == (kind, "second", 1, ["first"])
        with pytest.raises(AttributeError, match=r"write \.set\('radius'"):
            other.radius = 2.0
    with pytest.raises(AttributeError, match=r"\.label = 'x' would change nothing"):
        made.branch(0).label = "x"


@pytest.mark.parametrize("kind", MODULES)
def test_modules_and_views_are_pickled_and_copied(kind):
    module: Any = MODULES[kind]()
    for other in (pickle.loads(pickle.dumps(module)), copy.deepcopy(module)):
        assert type(other) is type(module)
        pd.testing.assert_frame_equal(other.nodes.copy(), module.nodes.copy())


TABLES: dict[str, tuple[Any, str]] = {
    "nodes": (lambda: cell().nodes, "radius"),
    "nodes of a view": (lambda: cell().branch(0).comp(1).nodes, "radius"),
    "nodes of a group": (lambda: cell().group_nodes["soma"], "radius"),
    "edges": (lambda: network().edges, G),
    "edges of a type": (lambda: network().IonotropicSynapse.edges, G),
    "shown": (lambda: cell().show("radius"), "radius"),
    "edges shown": (lambda: network().IonotropicSynapse.show(G), G),
    "recordings": (lambda: network().recordings, "rec_index"),
    "import_report": (lambda: network().import_report, "kind"),
}


def grown(table: Any, name: str) -> None:
    table[name] += 1


def without(table: Any, name: str) -> None:
    del table[name]


def assigned(table: Any, name: str) -> None:
    setattr(table, name, 2.0)


WRITES: dict[str, Any] = {
    "loc": lambda table, name: table.loc.__setitem__((0, name), 2.0),
    "loc of a mask": lambda table, name: table.loc.__setitem__((table.index >= 0, name), 2.0),
    "iloc": lambda table, name: table.iloc.__setitem__((0, 1), 2.0),
    "at": lambda table, name: table.at.__setitem__((0, name), 2.0),
    "iat": lambda table, name: table.iat.__setitem__((0, 1), 2.0),
    "item": lambda table, name: table.__setitem__(name, 2.0),
    "items": lambda table, name: table.__setitem__([name], 2.0),
    "rows": lambda table, name: table.__setitem__(slice(0, 1), 2.0),
    "grown": grown,
    "deleted": without,
    "attribute": assigned,
    "new attribute": lambda table, name: setattr(table, "other", 2.0),
    "column": lambda table, name: table[name].__setitem__(0, 2.0),
    "column by loc": lambda table, name: table[name].loc.__setitem__(0, 2.0),
    "column by iloc": lambda table, name: table[name].iloc.__setitem__(0, 2.0),
    "column by at": lambda table, name: table[name].at.__setitem__(0, 2.0),
    "column updated": lambda table, name: table[name].update(pd.Series([2.0])),
    "insert": lambda table, name: table.insert(0, "other", 2.0),
    "pop": lambda table, name: table.pop(name),
    "update": lambda table, name: table.update(pd.DataFrame({name: [2.0]})),
    "in place": lambda table, name: table.fillna({name: 2.0}, inplace=True),
    "dropped in place": lambda table, name: table.drop(columns=name, inplace=True),
    "evaluated in place": lambda table, name: table.eval(f"{name} = 2", inplace=True),
}


ROWS: dict[str, Any] = {
    "by loc": lambda table: table.loc[0],
    "by iloc": lambda table: table.iloc[0],
}
INTO_A_ROW: dict[str, Any] = {
    "item": lambda row, name: row.__setitem__(name, 2.0),
    "loc": lambda row, name: row.loc.__setitem__(name, 2.0),
    "iat": lambda row, name: row.iat.__setitem__(0, 2.0),
    "attribute": assigned,
}


@pytest.mark.parametrize("write", INTO_A_ROW)
@pytest.mark.parametrize("row", ROWS)
@pytest.mark.parametrize("name", [name for name in TABLES if name != "import_report"])  # it has no row here
def test_writing_into_a_row_is_refused(name, row, write):
    make, column = TABLES[name]
    with pytest.raises(jx.ModelError, match=r"is a copy, in which \.i?loc\[0\].* would change nothing: "):
        INTO_A_ROW[write](ROWS[row](make()), column)


@pytest.mark.filterwarnings("ignore")  # pandas warns of its own
@pytest.mark.parametrize("write", WRITES)
@pytest.mark.parametrize("name", TABLES)
def test_writing_into_a_table_is_refused(name, write):
    make, column = TABLES[name]
    table = make()
    with pytest.raises(jx.ModelError, match=r"is a copy, in which .* would change nothing: .*write into .*copy\(\)"):
        WRITES[write](table, column)


def test_the_refusal_names_what_changes_the_module():
    made = cell()
    with pytest.raises(jx.ModelError, match=r"change values with set\('radius', \.\.\.\)"):
        made.nodes.loc[0, "radius"] = 5.0
    with pytest.raises(jx.ModelError, match=r"\.loc\[0\]\['radius'\] = .*change values with set\('radius', \.\.\.\)"):
        made.nodes.loc[0]["radius"] = 5.0
    made.nodes["dist"] = made.distance()
    with pytest.raises(jx.ModelError, match=r"write the whole column, nodes\['dist'\] = \.\.\."):
        made.nodes.loc[0, "dist"] = 5.0
    with pytest.raises(jx.ModelError, match=r"call record\(state\) and delete_recordings\(\)"):
        made.recordings.loc[0, "state"] = "v"


def test_a_column_of_ones_own_can_be_changed_as_a_whole():
    made = cell()
    made.nodes["label"] = 1
    made.nodes["label"] += 1
    made.branch(1).nodes["label"] = 7
    assert made.nodes["label"].tolist() == [2, 2, 2, 7, 7]


def test_what_pandas_makes_of_a_table_is_plain_and_can_be_written():
    made = cell()
    table = made.nodes
    for plain in (table.copy(), copy.deepcopy(table), pickle.loads(pickle.dumps(table)), table[["radius"]]):
        plain.loc[0, "radius"] = 5.0
        plain["radius"] = plain["radius"] + 1.0
        assert plain["radius"].tolist() == [6.0, 2.0, 2.0, 2.0, 2.0]
    assert type(table.copy()) is pd.DataFrame
    assert type(table["radius"].copy()) is pd.Series
    doubled = table["radius"] * 2
    doubled[0] = 0.0
    assert doubled.tolist() == [0.0, 2.0, 2.0, 2.0, 2.0]
    assert made.get("radius").tolist() == [1.0] * 5
    assert table.groupby("branch_index")["radius"].sum().tolist() == [3.0, 2.0]


def test_arrays_that_show_a_module_are_read_only():
    made = jx.Cell([jx.Branch()], [-1], xyzr=[np.ones((2, 4))])
    made.stimulate(np.zeros(3), verbose=False)
    for array in (made.xyzr[0], made.externals["i"], made.nodes.values, made.nodes["radius"].to_numpy()):
        with pytest.raises(ValueError, match="read-only"):
            array[...] = 2.0

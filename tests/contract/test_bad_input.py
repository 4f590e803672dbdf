"""Bad input gets one clear error, and the module stays as it was."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import pytest

import jxneuron as jx
from jxneuron.channels import HH

loose: Any = jx  # for calls that a type checker would refuse


def cell() -> jx.Cell:
    """With something of everything that an error could damage."""
    made = jx.Cell([jx.Branch(nseg=3), jx.Branch(nseg=2)], [-1, 0])
    made.insert("hh")
    made.branch(1).insert(HH("own"))
    made.branch(0).add_to_group("some")
    made.record("v", verbose=False)
    made.branch(0).stimulate(np.zeros(9), verbose=False)
    made.branch(1).make_trainable("own_gNa", verbose=False)
    return made


def seen(module: Any) -> list[Any]:
    """Everything that a user can see of a module, as text."""
    tables = [module.nodes, module.recordings]
    rest = [{key: each.tolist() for key, each in module.externals.items()}, list(module.group_nodes)]
    trained = [{key: np.asarray(each).tolist() for key, each in entry.items()} for entry in module.get_parameters()]
    return [*(each.to_csv() for each in tables), *rest, trained, [each.name for each in module.channels]]


@pytest.fixture(scope="module")
def whole() -> jx.Cell:
    return cell()


WRONG: dict[str, tuple[Callable[[Any], Any], type[Exception], str]] = {
    # set
    "too few values": (lambda c: c.set("radius", [1, 2]), ValueError, r"\(2,\) values for 5 compartments"),
    "a table": (lambda c: c.set("radius", np.ones((1, 5))), ValueError, r"\(1, 5\) values for 5"),
    "text": (lambda c: c.set("radius", "big"), ValueError, r"set\('radius'\): 'big' is no number"),
    "nothing": (lambda c: c.set("radius", None), ValueError, "None is no number"),
    "a truth value": (lambda c: c.set("v", True), ValueError, "True is no number"),
    "a complex number": (lambda c: c.set("v", 1j), ValueError, "1j is no number"),
    "a ragged list": (lambda c: c.set("v", [[1], [2, 3]]), ValueError, "is no number"),
    "an unknown key": (lambda c: c.set("gnabar_h", 1.0), KeyError, "did you mean gnabar_hh"),
    "a key that is no name": (lambda c: c.set(3, 1.0), KeyError, "3 is no parameter .* a key is a name"),
    "a mechanism as key": (lambda c: c.set("hh", True), KeyError, "hh.* is a mechanism"),
    "an area": (lambda c: c.set("area", 1.0), KeyError, "follows from length and radius"),
    "a mechanism that is not here": (lambda c: c.set("g_pas", 1.0), KeyError, r'insert\("pas"\) first'),
    "a mechanism that is elsewhere": (lambda c: c.branch(0).set("own_gNa", 1.0), ValueError, "insert own there first"),
    "NaN": (lambda c: c.set("gnabar_hh", np.nan), ValueError, "gnabar_hh = nan is not a number"),
    "one NaN": (lambda c: c.set("v", [1, 2, np.nan, 4, 5]), ValueError, "v = nan is not a number"),
    "NEURON's dt": (lambda c: c.set("dt", 0.1), KeyError, r"integrate\(\.\.\., delta_t="),
    "NEURON's tstop": (lambda c: c.set("tstop", 5.0), KeyError, r"integrate\(\.\.\., t_max="),
    "NEURON's v_init": (lambda c: c.set("v_init", -60.0), KeyError, 'set."v", ...'),
    "no radius": (lambda c: c.set("radius", 0.0), ValueError, "radius = 0.0: it must be positive"),
    "a negative length": (lambda c: c.set("length", -3.0), ValueError, "length = -3.0: it must be positive"),
    "an infinite length": (lambda c: c.set("L", np.inf), ValueError, "L = inf"),
    "no resistivity": (lambda c: c.set("Ra", 0.0), ValueError, "Ra = 0.0: it must be positive"),
    "a negative capacitance": (lambda c: c.set("cm", -1.0), ValueError, "cm = -1.0: it must not be negative"),
    "a GLOBAL on a view": (lambda c: c.branch(0).set("celsius", 20.0), ValueError, "one value for the whole module"),
    "a traced value": (lambda c: jax.jit(lambda x: c.set("v", x))(1.0), TypeError, "under jit or grad: use data_set"),
    # indices
    "a branch that is not there": (lambda c: c.branch(7).set("v", 1), IndexError, "there are 0 to 1"),
    "half a branch": (lambda c: c.branch(1.5).set("v", 1), TypeError, "an index is a number, a list, a slice"),
    "a short mask": (lambda c: c.branch([True]).set("v", 1), IndexError, "the mask has 1 entries for 2"),
    "three indices": (lambda c: c[0, 1, 2].set("v", 1), IndexError, "indexed by branch, comp"),
    "a location outside": (lambda c: c.loc(1.5).set("v", 1), ValueError, r"a location lies in 0..1"),
    "a location that is NaN": (lambda c: c.loc(np.nan).set("v", 1), ValueError, r"a location lies in 0..1"),
    "a location in words": (lambda c: c.loc("end").set("v", 1), ValueError, "'end' is no number"),
    "a section that is not there": (lambda c: c.section("brunch[0]"), ValueError, r"did you mean branch\[0\]"),
    "a place without location": (lambda c: c.at("branch[0]"), ValueError, r"a place is written section\(x\)"),
    # mechanisms
    "an unknown mechanism": (lambda c: c.insert("hhh"), ValueError, r"'hhh' is known here; did you mean hh\?"),
    "a class": (lambda c: c.insert(HH), ValueError, r"not a class: write HH\(\)"),
    "a number as mechanism": (lambda c: c.insert(3), ValueError, "not int"),
    "a point process": (lambda c: c.insert("IClamp"), ValueError, "is a point process"),
    "to delete what is not there": (lambda c: c.delete_channel("pas"), ValueError, "pas is in none of these"),
    "to set what follows": (lambda c: c.set_ncomp(4), ValueError, "recordings, stimuli, trainables"),
    "half a compartment": (lambda c: c.set_ncomp(2.5), ValueError, "1 to 32767 compartments, not 2.5"),
    # groups
    "a group of all": (lambda c: c.add_to_group("all_of_it"), ValueError, "takes a view"),
    "a group named as a verb": (lambda c: c.branch(0).add_to_group("branch"), ValueError, "already means something"),
    "a group named as a column": (lambda c: c.branch(0).add_to_group("radius"), ValueError, "already means something"),
    "a group named as a mechanism": (lambda c: c.branch(0).add_to_group("hh"), ValueError, "already means something"),
    "a group without a name": (lambda c: c.branch(0).add_to_group(3), ValueError, "no identifier"),
    # records and inputs
    "an unknown state": (lambda c: c.record("m_h"), KeyError, "did you mean m_hh"),
    "a state that is no name": (lambda c: c.record(3), KeyError, "a state is a name"),
    "currents for other rows": (lambda c: c.stimulate(np.zeros((2, 9))), ValueError, r"\(time,\) or \(5, time\), not"),
    "a current of three axes": (lambda c: c.stimulate(np.zeros((5, 9, 1))), ValueError, r"not \(5, 9, 1\)"),
    "a current of one number": (lambda c: c.stimulate(0.1), ValueError, r"stimulate: an input is .* not \(\)"),
    "no current": (lambda c: c.stimulate([]), ValueError, r"not \(0,\)"),
    "a current in words": (lambda c: c.stimulate("much"), ValueError, "stimulate: 'much' is no number"),
    "a current with a gap": (lambda c: c.stimulate([0, np.nan]), ValueError, "sample 1 of row 0 is not a number"),
    "a traced current": (lambda c: c.data_stimulate(jnp.zeros((2, 9))), ValueError, r"not \(2, 9\)"),
    "to clamp a parameter": (lambda c: c.clamp("gnabar_hh", np.zeros(9)), ValueError, "is a parameter: set it"),
    "to clamp one for a run": (lambda c: c.data_clamp("gnabar_hh", np.zeros(9)), ValueError, "is a parameter: set it"),
    "to clamp what is not there": (lambda c: c.clamp("m_h", np.zeros(9)), KeyError, "did you mean m_hh"),
    "clamps for other rows": (lambda c: c.clamp("v", np.zeros((2, 9))), ValueError, r"clamp\('v'\)"),
    # training
    "to train what is not there": (lambda c: c.make_trainable("radus"), KeyError, "did you mean radius"),
    "two starts for one": (lambda c: c.make_trainable("radius", [1, 2]), ValueError, "1 parameters are created"),
    "a start in words": (lambda c: c.make_trainable("radius", "x"), ValueError, "'x' is no number"),
    "a negative start": (lambda c: c.make_trainable("radius", -1.0), ValueError, "it must be positive"),
    "a start that is NaN": (lambda c: c.make_trainable("v", np.nan), ValueError, "is not a number"),
    "data for other rows": (lambda c: c.data_set("v", [1, 2], None), ValueError, r"\(2,\) values for 5"),
    "negative data": (lambda c: c.data_set("radius", -1.0, None), ValueError, "it must be positive"),
    "data in words": (lambda c: c.data_set("radius", "x", None), ValueError, "'x' is no number"),
    "to write other trainables": (lambda c: c.write_trainables([]) or c.write_trainables([{}]), ValueError, "own_gNa"),
    # looking
    "an unknown column": (lambda c: c.show("radus"), KeyError, "did you mean radius"),
    "a distance from many": (lambda c: c.distance(c.branch(0)), ValueError, "the endpoint is one compartment"),
    "to turn what lies nowhere": (lambda c: c.rotate(10), ValueError, r"call compute_xyz\(\)"),
    "a group of values with a typo": (lambda c: c.sum, AttributeError, "did you mean some"),
    # running
    "no multiple of dt": (lambda c: loose.integrate(c, t_max=1.01), ValueError, "1 ms is the nearest"),
    "backwards": (lambda c: loose.integrate(c, t_max=-1), ValueError, "t_max = -1 ms: it must be a positive number"),
    "for NaN ms": (lambda c: loose.integrate(c, t_max=np.nan), ValueError, "t_max = nan ms"),
    "for words": (lambda c: loose.integrate(c, t_max="long"), ValueError, "t_max: 'long' is no number"),
    "no step": (lambda c: loose.integrate(c, t_max=1, delta_t=0), ValueError, "delta_t = 0 ms"),
    "an unknown solver": (
        lambda c: loose.integrate(c, t_max=1, solver="euler"),
        ValueError,
        "there are bwd_euler, crank",
    ),
    "an unknown voltage solver": (
        lambda c: loose.integrate(c, t_max=1, voltage_solver="thomas"),
        ValueError,
        "did you mean jaxley.thomas",
    ),
    "an unknown start": (lambda c: loose.integrate(c, t_max=1, init="nrn"), ValueError, "there are auto, ours, neuron"),
    "an unknown slope": (lambda c: loose.integrate(c, t_max=1, slope="s"), ValueError, "there are auto, neuron, exact"),
    "few checkpoints": (
        lambda c: loose.integrate(c, t_max=1, checkpoint_lengths=[2, 3]),
        ValueError,
        "at least 40 steps",
    ),
    "params of another module": (
        lambda c: loose.integrate(c, [{"v": np.ones(1)}], t_max=1),
        ValueError,
        "params.0. holds v",
    ),
    "params of another shape": (
        lambda c: loose.integrate(c, [{"own_gNa": np.ones(2)}], t_max=1),
        ValueError,
        r"shape \(2,\), expected \(1,\)",
    ),
    "a param_state by hand": (
        lambda c: loose.integrate(c, t_max=1, param_state=[{"key": "v", "val": np.ones(1)}]),
        ValueError,
        "what module.data_set returns",
    ),
    "bare currents": (
        lambda c: loose.integrate(c, t_max=1, data_stimuli=np.zeros(5)),
        ValueError,
        "data_stimulate returns",
    ),
    "what is no module": (lambda c: loose.integrate("c", t_max=1), ValueError, "a module is run, not a str"),
}


@pytest.mark.parametrize("name", WRONG)
def test_one_clear_error_and_nothing_changed(name, whole):
    wrong, kind, message = WRONG[name]
    before, model = seen(whole), whole.model
    with pytest.raises(kind, match=message):
        wrong(whole)
    assert whole.model is model
    assert seen(whole) == before


def many(count: int) -> list[jx.Branch]:
    return [jx.Branch()] * count


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: loose.Cell(many(3), [-1, 0]), "3 parts of the kind Branch were given, parents asks for 2"),
        (lambda: loose.Cell(many(2), [-1, 1]), r"parents\[1\] = 1: its own parent"),
        (lambda: loose.Cell(many(3), [-1, 2, 0]), r"parents\[1\] = 2: a later branch; a parent must come before"),
        (lambda: loose.Cell(many(3), [1, 2, 0]), r"parents\[0\] = 1: a later branch.*parents\[1\] = 2"),
        (lambda: loose.Cell(many(3), [-1, 5, -3]), r"parents\[1\] = 5: there are branches 0 to 2.*parents\[2\] = -3"),
        (lambda: loose.Cell(many(2), [-1, 0.5]), r"no tree: parents\[1\] = 0.5 is no integer"),
        (lambda: loose.Cell(many(2), [-1, None]), r"parents\[1\] = None is no integer"),
        (lambda: loose.Cell(many(2)), "parents is needed"),
        (lambda: loose.Cell(many(2), 3), "parents is a list"),
        (lambda: loose.Cell([], []), "an empty list"),
        (lambda: loose.Cell([jx.Compartment()], [-1]), "part 0 is a Compartment, not a Branch"),
        (lambda: loose.Cell(jx.Branch(), [-1, 0], parent_x=2.0), "parent_x is one location"),
        (lambda: loose.Cell(jx.Branch(), [-1, 0], parent_x=[1, 2, 3]), "parent_x is one location"),
        (lambda: loose.Cell(jx.Branch(), [-1, 0], parent_x="end"), "parent_x: 'end' is no number"),
        (lambda: loose.Cell(jx.Branch(), [-1, 0], xyzr=[np.zeros((2, 4))]), "xyzr holds 1 arrays for 2 branches"),
        (lambda: loose.Cell(jx.Branch(), [-1, 0], xyzr=[np.zeros((2, 3))] * 2), r"xyzr\[0\] is \(points, 4\)"),
        (lambda: loose.Cell(jx.Branch(), [-1, 0], xyzr=[np.full((2, 4), np.nan)] * 2), r"xyzr\[0\] holds a value"),
        (lambda: loose.Branch(nseg=0), "nseg = 0: a positive whole number"),
        (lambda: loose.Branch(nseg="3"), "nseg = '3'"),
        (
            lambda: loose.Branch([jx.Compartment()], nseg=3),
            "1 parts of the kind Compartment were given, nseg asks for 3",
        ),
        (lambda: loose.Branch([jx.Branch()]), "part 0 is a Branch, not a Compartment"),
        (lambda: loose.Branch(nseg=2, ncomp=3), "two names of one thing"),
        (lambda: loose.Network([]), "not of nothing"),
        (lambda: loose.Network([jx.Branch()]), "not of Branch"),
        (lambda: loose.Network(3), "not of int"),
        (lambda: loose.step_current(1, 1, 0.1, 0.025, 0), "t_max = 0 ms"),
        (lambda: loose.step_current(1, -1, 0.1, 0.025, 5), "i_dur = -1 ms: it must be a number that is not neg"),
        (lambda: loose.datapoint_to_step_currents(1, 1, 0.1, 0.025, 5), "a vector of amplitudes"),
        (lambda: loose.index_of_loc(0, 2.0, [1, 2]), "a location lies in 0..1"),
        (lambda: loose.load("/nowhere/model.hoc"), "/nowhere/model.hoc: there is no such file"),
        (lambda: loose.open("/nowhere/model.jxn"), "cannot be read: No such file"),
        (lambda: loose.mechanism("/nowhere/a.mod"), "there is no such .mod file"),
    ],
)
def test_what_cannot_be_built_is_said(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_a_clamp_that_ends_early_is_an_error_of_the_run():
    made = cell()
    made.clamp("v", np.zeros(39), verbose=False)
    with pytest.raises(ValueError, match="the clamp of v is shorter than the run: it needs 40 samples"):
        jx.integrate(made, t_max=1.0)
    made.delete_clamps()
    with pytest.raises(ValueError, match="the clamp of m_hh is shorter"):
        jx.integrate(made, t_max=1.0, data_clamps=made.data_clamp("m_hh", jnp.zeros(39)))


def test_nothing_to_record_and_no_duration():
    made = cell()
    made.delete_stimuli()
    with pytest.raises(ValueError, match="how long to run is unknown"):
        jx.integrate(made)
    made.delete_recordings()
    with pytest.raises(ValueError, match="nothing is recorded"):
        jx.integrate(made, t_max=1.0)


def test_a_view_of_a_module_that_was_cut_since():
    made = jx.Cell([jx.Branch(nseg=3), jx.Branch(nseg=2)], [-1, 0])
    view, other = made.branch(0), made.branch(1).comp(0)
    view.set_ncomp(5)
    assert view.shape == (5,), "the view that was cut goes on"
    assert made.shape == (2, 7)
    made.record("v", verbose=False)
    before = seen(made)
    uses = (lambda: other.set("v", 1), lambda: other.nodes, lambda: other.record(), lambda: other.insert("hh"))
    for use in (*uses, lambda: other.comp(0), lambda: jx.integrate(other, t_max=1)):
        with pytest.raises(ValueError, match="this view was taken before"):
            use()
    assert seen(made) == before


def test_values_that_became_wrong_are_found_before_a_run():
    """Values given to one run are no part of the module: the run says where it stopped being a number."""
    made = cell()

    def run(radius: float) -> Any:
        return jx.integrate(made, t_max=0.1, param_state=made.data_set("radius", jnp.asarray(radius), None))

    with pytest.raises(ValueError, match=r"radius = -1.0: it must be positive"):
        run(-1.0)
    assert np.isfinite(run(1.0)).all()


def test_parts_that_disagree_about_one_value():
    one, other = jx.Cell([jx.Branch()], [-1]), jx.Cell([jx.Branch()], [-1])
    one.set("celsius", 20.0)
    with pytest.raises(ValueError, match=r"celsius is one value for the whole module, and the parts have 20.0, 6.3"):
        jx.Network([one, other])
    one.set("celsius", 6.3)
    one.insert(HH())
    changed = HH()
    changed.channel_params["HH_gNa"] = 0.5
    other.insert(changed)
    with pytest.raises(ValueError, match="HH means different mechanisms in the parts"):
        jx.Network([one, other])


def test_two_mechanisms_of_one_full_name_are_both_named(tmp_path):
    """NEURON links no library of the two."""
    text = "NEURON {{ SUFFIX {} GLOBAL {} }}\nPARAMETER {{ {} = 1 }}\n"
    for path, suffix, name in (("one", "a", "x_b"), ("two", "b_a", "x")):
        (tmp_path / f"{path}.mod").write_text(text.format(suffix, name, name))
    comp = jx.Compartment()
    comp.insert(jx.mechanism(tmp_path / "one.mod"))
    with pytest.raises(
        jx.ModelError, match="b_a calls a variable x_b_a, which is already a variable of a in this module"
    ):
        comp.insert(jx.mechanism(tmp_path / "two.mod"))

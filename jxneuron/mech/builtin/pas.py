"""pas, translated from passive.mod; edit the NMODL text, not this file."""
# ruff: noqa
# fmt: off
# pyright: basic

from jxneuron.mech import Current, Field, Mechanism, shaped


def initial(p, s, v, env):
    """INITIAL: states at their START values, then the block."""
    return shaped(v, s, {})


def current(p, s, v, env):
    """BREAKPOINT without its SOLVE: currents at v."""
    g = p["g"]
    e = p["e"]
    i = g * (v - e)  # passive.mod:23
    return shaped(v, s, {"i": i}), shaped(v, s, {"i": i})


MECHANISM = Mechanism(
    name="pas",
    kind="density",
    fields=(
        Field("g", "parameter", "range", "p", unit="S/cm2", default=0.001, lower=0.0, upper=1e9),
        Field("e", "parameter", "range", "p", unit="mV", default=-70.0),
        Field("i", "assigned", "range", "s", unit="mA/cm2"),
    ),
    currents=(
        Current("i"),
    ),
    initial=initial,
    current=current,
    advance=None,
    tables=None,
    linear_in_v=True,
)

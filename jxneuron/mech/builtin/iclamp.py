"""IClamp, translated from stim.mod; edit the NMODL text, not this file."""
# ruff: noqa
# fmt: off
# pyright: basic

from jxneuron.mech import Current, Field, Mechanism, shaped, where


def initial(p, s, v, env):
    """INITIAL: states at their START values, then the block."""
    i = 0.0  # stim.mod:25
    return shaped(v, s, {"i": i})


def current(p, s, v, env):
    """BREAKPOINT without its SOLVE: currents at v."""
    del_ = p["del"]
    dur = p["dur"]
    amp = p["amp"]
    t = env["t"]
    i = where((t < del_ + dur) & (t >= del_), amp, 0.0)  # stim.mod:32
    return shaped(v, s, {"i": i}), shaped(v, s, {"i": i})


MECHANISM = Mechanism(
    name="IClamp",
    kind="point",
    fields=(
        Field("del", "parameter", "range", "p", unit="ms"),
        Field("dur", "parameter", "range", "p", unit="ms", lower=0.0, upper=1e9),
        Field("amp", "parameter", "range", "p", unit="nA"),
        Field("i", "assigned", "range", "s", unit="nA"),
    ),
    currents=(
        Current("i", electrode=True),
    ),
    initial=initial,
    current=current,
    advance=None,
    tables=None,
    linear_in_v=True,
)

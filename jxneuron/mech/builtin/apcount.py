"""APCount, translated from apcount.mod; edit the NMODL text, not this file."""
# ruff: noqa
# fmt: off
# pyright: basic

from jxneuron.mech import choose, Field, Mechanism, negate, shaped, where


def check(v, n, thresh, time, firing, t):
    """PROCEDURE check (apcount.mod:37)."""
    def then(firing, n, t, time):  # apcount.mod:38
        firing = 1.0  # apcount.mod:38
        time = t  # apcount.mod:38
        n = n + 1.0  # apcount.mod:38
        return firing, time, n

    def otherwise(firing, n, t, time):
        return firing, time, n

    firing, time, n = choose(  # apcount.mod:38
        (v >= thresh) & negate(firing != 0.0), then, otherwise, firing, n, t, time,
    )
    firing = where(((firing != 0.0) & (v < thresh)) & (t > time), 0.0, firing)  # apcount.mod:38
    return firing, time, n


def initial(p, s, v, env):
    """INITIAL: states at their START values, then the block."""
    thresh = p["thresh"]
    time = s["time"]
    t = env["t"]
    n = 0.0  # apcount.mod:23
    firing = 0.0  # apcount.mod:24
    firing, time, n = check(v, n, thresh, time, firing, t)  # apcount.mod:30
    return shaped(v, s, {"n": n, "firing": firing, "time": time})


def advance(p, s, v, env):
    """Every SOLVE of BREAKPOINT over dt, with the new v."""
    thresh = p["thresh"]
    n = s["n"]
    time = s["time"]
    firing = s["firing"]
    t = env["t"]
    firing, time, n = check(v, n, thresh, time, firing, t)  # apcount.mod:34
    return shaped(v, s, {"firing": firing, "time": time, "n": n})


MECHANISM = Mechanism(
    name="APCount",
    kind="point",
    fields=(
        Field("n", "parameter", "range", "s"),
        Field("thresh", "parameter", "range", "p", unit="mV", default=-20.0),
        Field("time", "parameter", "range", "s", unit="ms"),
        Field("firing", "assigned", "range", "s"),
        Field("space", "assigned", "instance", "p"),
    ),
    initial=initial,
    current=None,
    advance=advance,
    tables=None,
    linear_in_v=False,
)

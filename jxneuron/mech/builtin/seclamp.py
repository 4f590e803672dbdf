"""SEClamp, translated from svclmp.mod; edit the NMODL text, not this file."""
# ruff: noqa
# fmt: off
# pyright: basic

from jxneuron.mech import choose, Current, Field, Mechanism, shaped, where


def icur(v, rs, vc, on):
    """PROCEDURE icur (svclmp.mod:68)."""
    i = choose(on != 0.0, lambda rs, v, vc: (vc - v) / rs, lambda rs, v, vc: 0.0, rs, v, vc)  # svclmp.mod:69
    return i


def vstim(v, rs, dur1, amp1, amp2, amp3, tc2, tc3, t):
    """PROCEDURE vstim (svclmp.mod:90)."""
    on = 1.0  # svclmp.mod:91
    vc = where(t < dur1, amp1, where(t < tc2, amp2, where(t < tc3, amp3, 0.0)))  # svclmp.mod:95
    on = where(t < dur1, on, where(t < tc2, on, where(t < tc3, on, 0.0)))  # svclmp.mod:95
    i = icur(v, rs, vc, on)  # svclmp.mod:105
    return on, vc, i


def initial(p, s, v, env):
    """INITIAL: states at their START values, then the block."""
    dur1 = p["dur1"]
    dur2 = p["dur2"]
    dur3 = p["dur3"]
    tc2 = dur1 + dur2  # svclmp.mod:58
    tc3 = tc2 + dur3  # svclmp.mod:59
    on = 0.0  # svclmp.mod:60
    return shaped(v, s, {"tc2": tc2, "tc3": tc3, "on": on})


def current(p, s, v, env):
    """BREAKPOINT without its SOLVE: currents at v."""
    rs = p["rs"]
    dur1 = p["dur1"]
    amp1 = p["amp1"]
    amp2 = p["amp2"]
    amp3 = p["amp3"]
    tc2 = s["tc2"]
    tc3 = s["tc3"]
    t = env["t"]
    on, vc, i = vstim(v, rs, dur1, amp1, amp2, amp3, tc2, tc3, t)  # svclmp.mod:65
    return shaped(v, s, {"i": i}), shaped(v, s, {"on": on, "vc": vc, "i": i})


def advance(p, s, v, env):
    """Every SOLVE of BREAKPOINT over dt, with the new v."""
    rs = p["rs"]
    vc = s["vc"]
    on = s["on"]
    i = icur(v, rs, vc, on)  # svclmp.mod:64
    return shaped(v, s, {"i": i})


MECHANISM = Mechanism(
    name="SEClamp",
    kind="point",
    fields=(
        Field("rs", "parameter", "range", "p", unit="megohm", default=1.0, lower=1e-9, upper=1e9),
        Field("dur1", "parameter", "range", "p", unit="ms"),
        Field("amp1", "parameter", "range", "p", unit="mV"),
        Field("dur2", "parameter", "range", "p", unit="ms", lower=0.0, upper=1e9),
        Field("amp2", "parameter", "range", "p", unit="mV"),
        Field("dur3", "parameter", "range", "p", unit="ms", lower=0.0, upper=1e9),
        Field("amp3", "parameter", "range", "p", unit="mV"),
        Field("i", "assigned", "range", "s", unit="nA"),
        Field("vc", "assigned", "range", "s", unit="mV"),
        Field("tc2", "assigned", "instance", "s", unit="ms"),
        Field("tc3", "assigned", "instance", "s", unit="ms"),
        Field("on", "assigned", "instance", "s"),
    ),
    currents=(
        Current("i", electrode=True),
    ),
    initial=initial,
    current=current,
    advance=advance,
    tables=None,
    linear_in_v=True,
)

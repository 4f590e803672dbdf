"""ExpSyn, translated from expsyn.mod; edit the NMODL text, not this file."""
# ruff: noqa
# fmt: off
# pyright: basic

from jxneuron.mech import cnexp, Current, Field, Mechanism, received, shaped


def state(tau, g, dt):
    """DERIVATIVE state (expsyn.mod:36)."""
    g = cnexp(g, 0.0, -1.0 / tau, dt)  # expsyn.mod:37
    return g


def initial(p, s, v, env):
    """INITIAL: states at their START values, then the block."""
    g = 0.0  # expsyn.mod:28
    return shaped(v, s, {"g": g})


def current(p, s, v, env):
    """BREAKPOINT without its SOLVE: currents at v."""
    e = p["e"]
    g = s["g"]
    i = g * (v - e)  # expsyn.mod:33
    return shaped(v, s, {"i": i}), shaped(v, s, {"i": i})


def advance(p, s, v, env):
    """Every SOLVE of BREAKPOINT over dt, with the new v."""
    tau = p["tau"]
    g = s["g"]
    dt = env["dt"]
    g = state(tau, g, dt)  # expsyn.mod:32
    return shaped(v, s, {"g": g})


def receive(p, s, v, env, w, flag):
    """NET_RECEIVE."""
    weight = w["weight"]
    g = s["g"]
    g = g + weight  # expsyn.mod:41
    return received(
        v, s, w,
        {"g": g},
        {},
    )


def jump(p, s, env, w):
    """NET_RECEIVE, which only adds: what it adds."""
    weight = w["weight"]
    g = 0.0
    g = g + weight  # expsyn.mod:41
    return shaped(
        w["weight"], {},
        {"g": g},
    )


MECHANISM = Mechanism(
    name="ExpSyn",
    kind="point",
    fields=(
        Field("tau", "parameter", "range", "p", unit="ms", default=0.1, lower=1e-9, upper=1e9),
        Field("e", "parameter", "range", "p", unit="mV"),
        Field("i", "assigned", "range", "s", unit="nA"),
        Field("g", "state", "range", "s", unit="uS"),
    ),
    currents=(
        Current("i"),
    ),
    initial=initial,
    current=current,
    advance=advance,
    weights=(
        "weight",
    ),
    receive=receive,
    jump=jump,
    tables=None,
    linear_in_v=True,
)

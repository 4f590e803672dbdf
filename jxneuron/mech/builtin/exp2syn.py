"""Exp2Syn, translated from exp2syn.mod; edit the NMODL text, not this file."""
# ruff: noqa
# fmt: off
# pyright: basic

from jxneuron.mech import cnexp, Current, exp, Field, log, Mechanism, received, shaped, where


def state(tau1, tau2, A, B, dt):
    """DERIVATIVE state (exp2syn.mod:77)."""
    A = cnexp(A, 0.0, -1.0 / tau1, dt)  # exp2syn.mod:78
    B = cnexp(B, 0.0, -1.0 / tau2, dt)  # exp2syn.mod:79
    return A, B


def initial(p, s, v, env):
    """INITIAL: states at their START values, then the block."""
    tau2 = p["tau2"]
    tau1 = s["tau1"]
    tau1 = where(tau1 / tau2 > 0.9999, 0.9999 * tau2, tau1)  # exp2syn.mod:58
    tau1 = where(tau1 / tau2 < 1e-9, tau2 * 1e-9, tau1)  # exp2syn.mod:61
    A = 0.0  # exp2syn.mod:64
    B = 0.0  # exp2syn.mod:65
    tp = tau1 * tau2 / (tau2 - tau1) * log(tau2 / tau1)  # exp2syn.mod:66
    factor = -exp(-tp / tau1) + exp(-tp / tau2)  # exp2syn.mod:67
    factor = 1.0 / factor  # exp2syn.mod:68
    return shaped(v, s, {"A": A, "B": B, "tau1": tau1, "factor": factor})


def current(p, s, v, env):
    """BREAKPOINT without its SOLVE: currents at v."""
    e = p["e"]
    A = s["A"]
    B = s["B"]
    g = B - A  # exp2syn.mod:73
    i = g * (v - e)  # exp2syn.mod:74
    return shaped(v, s, {"i": i}), shaped(v, s, {"g": g, "i": i})


def advance(p, s, v, env):
    """Every SOLVE of BREAKPOINT over dt, with the new v."""
    tau2 = p["tau2"]
    tau1 = s["tau1"]
    A = s["A"]
    B = s["B"]
    dt = env["dt"]
    A, B = state(tau1, tau2, A, B, dt)  # exp2syn.mod:72
    return shaped(v, s, {"A": A, "B": B})


def receive(p, s, v, env, w, flag):
    """NET_RECEIVE."""
    weight = w["weight"]
    factor = s["factor"]
    A = s["A"]
    B = s["B"]
    A = A + weight * factor  # exp2syn.mod:83
    B = B + weight * factor  # exp2syn.mod:84
    return received(
        v, s, w,
        {"A": A, "B": B},
        {},
    )


def jump(p, s, env, w):
    """NET_RECEIVE, which only adds: what it adds."""
    weight = w["weight"]
    factor = s["factor"]
    A = 0.0
    B = 0.0
    A = A + weight * factor  # exp2syn.mod:83
    B = B + weight * factor  # exp2syn.mod:84
    return shaped(
        w["weight"], {},
        {"A": A, "B": B},
    )


MECHANISM = Mechanism(
    name="Exp2Syn",
    kind="point",
    fields=(
        Field("tau1", "parameter", "range", "s", unit="ms", default=0.1, lower=1e-9, upper=1e9),
        Field("tau2", "parameter", "range", "p", unit="ms", default=10.0, lower=1e-9, upper=1e9),
        Field("e", "parameter", "range", "p", unit="mV"),
        Field("i", "assigned", "range", "s", unit="nA"),
        Field("g", "assigned", "range", "s", unit="uS"),
        Field("factor", "assigned", "instance", "s"),
        Field("A", "state", "range", "s", unit="uS"),
        Field("B", "state", "range", "s", unit="uS"),
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

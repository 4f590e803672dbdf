"""VClamp, translated from vclmp.mod; edit the NMODL text, not this file."""
# ruff: noqa
# fmt: off
# pyright: basic

from jxneuron.mech import choose, Current, Field, linear, Mechanism, shaped, unset


def clamp(k, v, gain, tau1, tau2, e0, vo0, vi0, fac, stim, dt):
    """LINEAR clamp (vclmp.mod:145)."""
    t1 = tau1 / dt  # vclmp.mod:147
    t2 = tau2 / dt  # vclmp.mod:148
    k.equation({"vi": 1.0, "vo": -fac}, v - fac * v)  # vclmp.mod:149
    k.equation({"vo": t2 + 1.0, "e": gain}, t2 * vo0)  # vclmp.mod:150
    k.equation({"vi": 1.0 + t1, "e": -1.0 - 1.0 - t1}, -(-stim - t1 * (vi0 - e0) - 0.0))  # vclmp.mod:151
    return ()


def icur(v, gain, rstim, tau1, tau2, e0, vo0, vi0, fac, stim, tc, e, vo, vi, t, dt):
    """FUNCTION icur (vclmp.mod:131)."""
    def then(dt, e, e0, fac, gain, rstim, stim, tau1, tau2, v, vi, vi0, vo, vo0):  # vclmp.mod:135
        e0 = 0.0  # vclmp.mod:136
        vo0 = 0.0  # vclmp.mod:137
        icur = 0.0  # vclmp.mod:138
        return e0, vo0, icur, vi, vo, e

    def otherwise(dt, e, e0, fac, gain, rstim, stim, tau1, tau2, v, vi, vi0, vo, vo0):
        (vi, vo, e), _ = linear(  # vclmp.mod:140
            clamp, ("vi", "vo", "e"), (v, gain, tau1, tau2, e0, vo0, vi0, fac, stim, dt),
        )
        icur = (vo - v) / rstim  # vclmp.mod:141
        return e0, vo0, icur, vi, vo, e

    e0, vo0, icur, vi, vo, e = choose(  # vclmp.mod:135
        t > tc, then, otherwise, dt, e, e0, fac, gain, rstim, stim, tau1, tau2, v, vi, vi0, vo,
        vo0,
    )
    return icur, e0, vo0, vi, vo, e


def update(v, gain, rstim, tau1, tau2, e0, vo0, vi0, fac, stim, tc, e, vo, vi, t, dt):
    """PROCEDURE update (vclmp.mod:155)."""
    i, e0, vo0, vi, vo, e = icur(  # vclmp.mod:156
        v, gain, rstim, tau1, tau2, e0, vo0, vi0, fac, stim, tc, e, vo, vi, t, dt,
    )
    e0 = e  # vclmp.mod:157
    vo0 = vo  # vclmp.mod:158
    vi0 = vi  # vclmp.mod:159
    return e0, vo0, vi, vo, e, i, vi0


def vstim(dur, amp, t):
    """PROCEDURE vstim (vclmp.mod:115)."""
    stim = unset()
    tc = 0.0  # vclmp.mod:118
    running = 1.0  # vclmp.mod:119
    for j in range(3):  # vclmp.mod:119
        def then(amp, dur, j, running, stim, t, tc):  # vclmp.mod:119
            stim = amp[j]  # vclmp.mod:120
            tc = tc + dur[j]  # vclmp.mod:121
            def then(running, tc):  # vclmp.mod:122
                tc = tc + 100.0  # vclmp.mod:123
                running = 0.0  # vclmp.mod:124
                return tc, running

            def otherwise(running, tc):
                return tc, running

            tc, running = choose(t < tc, then, otherwise, running, tc)  # vclmp.mod:122
            return stim, tc, running

        def otherwise(amp, dur, j, running, stim, t, tc):
            return stim, tc, running

        stim, tc, running = choose(  # vclmp.mod:119
            running != 0.0, then, otherwise, amp, dur, j, running, stim, t, tc,
        )
    return tc, stim


def initial(p, s, v, env):
    """INITIAL: states at their START values, then the block."""
    e0 = 0.0  # vclmp.mod:91
    vo = v  # vclmp.mod:92
    vo0 = v  # vclmp.mod:93
    vi = v  # vclmp.mod:94
    vi0 = v  # vclmp.mod:95
    e = 0.0  # vclmp.mod:96
    return shaped(v, s, {"e": e, "vo": vo, "vi": vi, "e0": e0, "vo0": vo0, "vi0": vi0})


def current(p, s, v, env):
    """BREAKPOINT without its SOLVE: currents at v."""
    dur = list(p["dur"])
    amp = list(p["amp"])
    gain = p["gain"]
    rstim = p["rstim"]
    tau1 = p["tau1"]
    tau2 = p["tau2"]
    fac = p["fac"]
    e0 = s["e0"]
    vo0 = s["vo0"]
    vi0 = s["vi0"]
    e = s["e"]
    vo = s["vo"]
    vi = s["vi"]
    t = env["t"]
    dt = env["dt"]
    tc, stim = vstim(dur, amp, t)  # vclmp.mod:111
    i, e0, vo0, vi, vo, e = icur(  # vclmp.mod:112
        v, gain, rstim, tau1, tau2, e0, vo0, vi0, fac, stim, tc, e, vo, vi, t, dt,
    )
    return (
        shaped(v, s, {"i": i}),
        shaped(v, s, {"tc": tc, "stim": stim, "e0": e0, "vo0": vo0, "vi": vi, "vo": vo, "e": e, "i": i}),
    )


def advance(p, s, v, env):
    """Every SOLVE of BREAKPOINT over dt, with the new v."""
    gain = p["gain"]
    rstim = p["rstim"]
    tau1 = p["tau1"]
    tau2 = p["tau2"]
    fac = p["fac"]
    e0 = s["e0"]
    vo0 = s["vo0"]
    vi0 = s["vi0"]
    stim = s["stim"]
    tc = s["tc"]
    e = s["e"]
    vo = s["vo"]
    vi = s["vi"]
    t = env["t"]
    dt = env["dt"]
    e0, vo0, vi, vo, e, i, vi0 = update(  # vclmp.mod:110
        v, gain, rstim, tau1, tau2, e0, vo0, vi0, fac, stim, tc, e, vo, vi, t, dt,
    )
    return shaped(v, s, {"e0": e0, "vo0": vo0, "vi": vi, "vo": vo, "e": e, "i": i, "vi0": vi0})


MECHANISM = Mechanism(
    name="VClamp",
    kind="point",
    fields=(
        Field("dur", "parameter", "range", "p", unit="ms", size=3, lower=0.0, upper=1e9),
        Field("amp", "parameter", "range", "p", unit="mV", size=3),
        Field("gain", "parameter", "range", "p", default=100000.0, lower=0.0, upper=1e9),
        Field("rstim", "parameter", "range", "p", unit="megohm", default=1.0, lower=1e-9, upper=1e9),
        Field("tau1", "parameter", "range", "p", unit="ms", default=0.001, lower=0.0, upper=1e9),
        Field("tau2", "parameter", "range", "p", unit="ms", lower=0.0, upper=1e9),
        Field("e0", "parameter", "range", "s", unit="mV"),
        Field("vo0", "parameter", "range", "s", unit="mV"),
        Field("vi0", "parameter", "range", "s", unit="mV"),
        Field("fac", "parameter", "range", "p", lower=1.0, upper=10.0),
        Field("i", "assigned", "range", "s", unit="nA"),
        Field("stim", "assigned", "instance", "s", unit="mV"),
        Field("tc", "assigned", "instance", "s", unit="ms"),
        Field("e", "state", "range", "s", unit="mV"),
        Field("vo", "state", "range", "s", unit="mV"),
        Field("vi", "state", "range", "s", unit="mV"),
    ),
    currents=(
        Current("i", electrode=True),
    ),
    initial=initial,
    current=current,
    advance=advance,
    tables=None,
    linear_in_v=False,
)

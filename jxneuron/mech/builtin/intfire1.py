"""IntFire1, translated from intfire1.mod; edit the NMODL text, not this file."""
# ruff: noqa
# fmt: off
# pyright: basic

from jxneuron.mech import Action, choose, exp, Field, Mechanism, received, shaped, where


def initial(p, s, v, env):
    """INITIAL: states at their START values, then the block."""
    t = env["t"]
    m = 0.0  # intfire1.mod:26
    t0 = t  # intfire1.mod:27
    refractory = 0.0  # intfire1.mod:28
    return shaped(v, s, {"m": m, "t0": t0, "refractory": refractory})


def receive(p, s, v, env, w, flag):
    """NET_RECEIVE."""
    w_ = w["w"]
    tau = p["tau"]
    refrac = p["refrac"]
    m = s["m"]
    t0 = s["t0"]
    refractory = s["refractory"]
    t = env["t"]
    send_1 = 0.0
    send_1_time = 0.0
    send_1_flag = 0.0
    event_2 = 0.0
    event_2_time = 0.0
    def then(  # intfire1.mod:44
        event_2, event_2_time, flag, m, refrac, refractory, send_1, send_1_flag, send_1_time, t,
        t0, tau, w_,
    ):
        m = m * exp(-(t - t0) / tau)  # intfire1.mod:45
        t0 = t  # intfire1.mod:46
        m = m + w_  # intfire1.mod:47
        def then(event_2, event_2_time, m, refrac, refractory, send_1, send_1_flag, send_1_time, t):  # intfire1.mod:48
            refractory = 1.0  # intfire1.mod:49
            m = 2.0  # intfire1.mod:50
            send_1 = 1.0  # intfire1.mod:51
            send_1_time = t + refrac  # intfire1.mod:51
            send_1_flag = refractory  # intfire1.mod:51
            event_2 = 1.0  # intfire1.mod:52
            event_2_time = t  # intfire1.mod:52
            return refractory, m, send_1, send_1_time, send_1_flag, event_2, event_2_time

        def otherwise(
            event_2, event_2_time, m, refrac, refractory, send_1, send_1_flag, send_1_time, t,
        ):
            return refractory, m, send_1, send_1_time, send_1_flag, event_2, event_2_time

        refractory, m, send_1, send_1_time, send_1_flag, event_2, event_2_time = choose(  # intfire1.mod:48
            m > 1.0, then, otherwise, event_2, event_2_time, m, refrac, refractory, send_1,
            send_1_flag, send_1_time, t,
        )
        return m, t0, refractory, send_1, send_1_time, send_1_flag, event_2, event_2_time

    def otherwise(
        event_2, event_2_time, flag, m, refrac, refractory, send_1, send_1_flag, send_1_time, t,
        t0, tau, w_,
    ):
        t0 = where(flag == 1.0, t, t0)  # intfire1.mod:54
        refractory = where(flag == 1.0, 0.0, refractory)  # intfire1.mod:54
        m = where(flag == 1.0, 0.0, m)  # intfire1.mod:54
        return m, t0, refractory, send_1, send_1_time, send_1_flag, event_2, event_2_time

    m, t0, refractory, send_1, send_1_time, send_1_flag, event_2, event_2_time = choose(  # intfire1.mod:44
        refractory == 0.0, then, otherwise, event_2, event_2_time, flag, m, refrac, refractory,
        send_1, send_1_flag, send_1_time, t, t0, tau, w_,
    )
    return received(
        v, s, w,
        {"m": m, "t0": t0, "refractory": refractory},
        {},
        (
            Action(send_1 != 0.0, send_1_time, send_1_flag),
            Action(event_2 != 0.0, event_2_time, 0.0),
        ),
        (),
    )


MECHANISM = Mechanism(
    name="IntFire1",
    kind="artificial",
    fields=(
        Field("tau", "parameter", "range", "p", unit="ms", default=10.0),
        Field("refrac", "parameter", "range", "p", unit="ms", default=5.0),
        Field("m", "assigned", "range", "s"),
        Field("t0", "assigned", "instance", "s", unit="ms"),
        Field("refractory", "assigned", "instance", "s"),
    ),
    initial=initial,
    current=None,
    advance=None,
    weights=(
        "w",
    ),
    receive=receive,
    actions=(
        "send",
        "event",
    ),
    tables=None,
    linear_in_v=False,
)

"""IntFire2, translated from intfire2.mod; edit the NMODL text, not this file."""
# ruff: noqa
# fmt: off
# pyright: basic

from jxneuron.mech import (
    Action, choose, exp, fabs, Field, log, Mechanism, power, received, repeat, sent_at, shaped,
    where,
)


def newton1(a, b, c, r, x):
    """FUNCTION newton1 (intfire2.mod:133)."""
    dx = 1.0  # intfire2.mod:138
    f = 0.0  # intfire2.mod:139
    iter = 0.0  # intfire2.mod:140
    def going(f, dx, x, iter, a, b, c, r):  # intfire2.mod:142
        return (fabs(dx) > 1e-6) | (fabs(f - 1.0) > 1e-6)

    def turn(f, dx, x, iter, a, b, c, r):
        f = a + b * power(x, r) + c * x  # intfire2.mod:143
        df = r * b * power(x, r - 1.0) + c  # intfire2.mod:144
        dx = (1.0 - f) / df  # intfire2.mod:145
        x = x + dx  # intfire2.mod:147
        x = where(x <= 0.0, 0.0001, where(x > 1.0, 1.0, x))  # intfire2.mod:148
        iter = iter + 1.0  # intfire2.mod:153
        f = where(iter > 10.0, 1.0, f)  # intfire2.mod:162
        dx = where(iter > 10.0, 0.0, dx)  # intfire2.mod:162
        return (f, dx, x, iter,)

    (f, dx, x, iter,) = repeat(going, turn, (f, dx, x, iter,), (a, b, c, r))
    newton1 = x  # intfire2.mod:168
    return newton1


def firetime(a, b, c, taus, taum):
    """FUNCTION firetime (intfire2.mod:76)."""
    r = taum / taus  # intfire2.mod:81
    def then(a, b, c, r, taum, taus):  # intfire2.mod:89
        firetime = 1e9  # intfire2.mod:90
        return firetime

    def otherwise(a, b, c, r, taum, taus):
        def then(a, b, c, r, taum, taus):  # intfire2.mod:91
            cab = c - a - b  # intfire2.mod:94
            m = r * b + cab  # intfire2.mod:95
            def then(a, b, c, cab, m, r, taum, taus):  # intfire2.mod:96
                firetime = -taus * log(newton1(a, cab, b, 1.0 / r, 0.0))  # intfire2.mod:98
                return firetime

            def otherwise(a, b, c, cab, m, r, taum, taus):
                x = (1.0 - c + m) / m  # intfire2.mod:101
                firetime = choose(  # intfire2.mod:102
                    x <= 0.0,
                    lambda a, b, cab, r, taum, taus, x: -taus * log(newton1(a, cab, b, 1.0 / r, 0.0)),
                    lambda a, b, cab, r, taum, taus, x: -taum * log(newton1(a, b, cab, r, x)),
                    a, b, cab, r, taum, taus, x,
                )
                return firetime

            firetime = choose(m >= 0.0, then, otherwise, a, b, c, cab, m, r, taum, taus)  # intfire2.mod:96
            return firetime

        def otherwise(a, b, c, r, taum, taus):
            cab = c - a - b  # intfire2.mod:114
            x = power(-cab / (r * b), 1.0 / (r - 1.0))  # intfire2.mod:116
            f = a + b * power(x, r) + cab * x  # intfire2.mod:117
            def then(a, b, c, cab, r, taum):  # intfire2.mod:122
                firetime = 1e9  # intfire2.mod:123
                return firetime

            def otherwise(a, b, c, cab, r, taum):
                m = r * b + cab  # intfire2.mod:125
                x = (1.0 - c + m) / m  # intfire2.mod:126
                firetime = -taum * log(newton1(a, b, cab, r, x))  # intfire2.mod:127
                return firetime

            firetime = choose((x >= 1.0) | (f <= 1.0), then, otherwise, a, b, c, cab, r, taum)  # intfire2.mod:122
            return firetime

        firetime = choose((a > 1.0) & (b <= 0.0), then, otherwise, a, b, c, r, taum, taus)  # intfire2.mod:91
        return firetime

    firetime = choose((a <= 1.0) & (a + b <= 1.0), then, otherwise, a, b, c, r, taum, taus)  # intfire2.mod:89
    return firetime


def initial(p, s, v, env):
    """INITIAL: states at their START values, then the block."""
    taum = p["taum"]
    ib = p["ib"]
    taus = s["taus"]
    t = env["t"]
    i = ib  # intfire2.mod:40
    m = 0.0  # intfire2.mod:41
    taus = where(taus <= taum, taum + 0.1, taus)  # intfire2.mod:42
    t0 = t  # intfire2.mod:45
    return shaped(v, s, {"i": i, "m": m, "taus": taus, "t0": t0})


def receive(p, s, v, env, w, flag):
    """NET_RECEIVE."""
    w_ = w["w"]
    taum = p["taum"]
    ib = p["ib"]
    taus = s["taus"]
    i = s["i"]
    m = s["m"]
    t0 = s["t0"]
    t = env["t"]
    event_1 = 0.0
    event_1_time = 0.0
    send_2 = 0.0
    send_2_time = 0.0
    send_2_flag = 0.0
    move_3 = 0.0
    move_3_time = 0.0
    move_4 = 0.0
    move_4_time = 0.0
    f = taus / (taus - taum)  # intfire2.mod:51
    x = (i - ib) * exp(-(t - t0) / taus)  # intfire2.mod:52
    inew = ib + x  # intfire2.mod:53
    def then(  # intfire2.mod:55
        event_1, event_1_time, f, i, ib, inew, m, move_3, move_3_time, move_4, move_4_time, send_2,
        send_2_flag, send_2_time, t, t0, taum, taus, w_, x,
    ):
        event_1 = 1.0  # intfire2.mod:57
        event_1_time = t  # intfire2.mod:57
        m = 0.0  # intfire2.mod:58
        ibf = (inew - ib) * f  # intfire2.mod:59
        send_2 = 1.0  # intfire2.mod:60
        send_2_time = t + firetime(ib, ibf, 0.0, taus, taum)  # intfire2.mod:60
        send_2_flag = 1.0  # intfire2.mod:60
        return event_1, event_1_time, m, send_2, send_2_time, send_2_flag, inew, move_3, move_3_time, move_4, move_4_time

    def otherwise(
        event_1, event_1_time, f, i, ib, inew, m, move_3, move_3_time, move_4, move_4_time, send_2,
        send_2_flag, send_2_time, t, t0, taum, taus, w_, x,
    ):
        m = ib + f * x + (m - (ib + (i - ib) * f)) * exp(-(t - t0) / taum)  # intfire2.mod:62
        inew = inew + w_  # intfire2.mod:64
        def then(f, ib, inew, m, move_3, move_3_time, move_4, move_4_time, t, taum, taus):  # intfire2.mod:65
            move_3 = 1.0  # intfire2.mod:66
            move_3_time = t  # intfire2.mod:66
            return move_3, move_3_time, move_4, move_4_time

        def otherwise(f, ib, inew, m, move_3, move_3_time, move_4, move_4_time, t, taum, taus):
            ibf = (inew - ib) * f  # intfire2.mod:68
            move_4 = 1.0  # intfire2.mod:69
            move_4_time = firetime(ib, ibf, m, taus, taum) + t  # intfire2.mod:69
            return move_3, move_3_time, move_4, move_4_time

        move_3, move_3_time, move_4, move_4_time = choose(  # intfire2.mod:65
            m >= 1.0, then, otherwise, f, ib, inew, m, move_3, move_3_time, move_4, move_4_time, t,
            taum, taus,
        )
        return event_1, event_1_time, m, send_2, send_2_time, send_2_flag, inew, move_3, move_3_time, move_4, move_4_time

    event_1, event_1_time, m, send_2, send_2_time, send_2_flag, inew, move_3, move_3_time, move_4, move_4_time = choose(  # intfire2.mod:55
        flag == 1.0, then, otherwise, event_1, event_1_time, f, i, ib, inew, m, move_3,
        move_3_time, move_4, move_4_time, send_2, send_2_flag, send_2_time, t, t0, taum, taus, w_,
        x,
    )
    t0 = t  # intfire2.mod:72
    i = inew  # intfire2.mod:73
    return received(
        v, s, w,
        {"m": m, "t0": t0, "i": i},
        {},
        (
            Action(event_1 != 0.0, event_1_time, 0.0),
            Action(send_2 != 0.0, send_2_time, send_2_flag),
            Action(move_3 != 0.0, move_3_time, 0.0),
            Action(move_4 != 0.0, move_4_time, 0.0),
        ),
        (),
    )


def initial_sends(p, s, v, env):
    """What INITIAL sends, with its arguments."""
    taum = p["taum"]
    ib = p["ib"]
    taus = s["taus"]
    t = env["t"]
    taus = where(taus <= taum, taum + 0.1, taus)  # intfire2.mod:42
    send_1 = 1.0  # intfire2.mod:46
    send_1_time = t + firetime(ib, 0.0, 0.0, taus, taum)  # intfire2.mod:46
    send_1_flag = 1.0  # intfire2.mod:46
    return sent_at(
        v,
        (Action(send_1 != 0.0, send_1_time, send_1_flag),),
    )


MECHANISM = Mechanism(
    name="IntFire2",
    kind="artificial",
    fields=(
        Field("taus", "parameter", "range", "s", unit="ms", default=20.0),
        Field("taum", "parameter", "range", "p", unit="ms", default=10.0),
        Field("ib", "parameter", "range", "p"),
        Field("i", "assigned", "range", "s"),
        Field("m", "assigned", "range", "s"),
        Field("t0", "assigned", "instance", "s", unit="ms"),
    ),
    initial=initial,
    current=None,
    advance=None,
    weights=(
        "w",
    ),
    receive=receive,
    initial_sends=initial_sends,
    actions=(
        "event",
        "send",
        "move",
        "move",
    ),
    initial_actions=(
        "send",
    ),
    tables=None,
    linear_in_v=False,
)

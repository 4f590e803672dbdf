"""IntFire4, translated from intfire4.mod; edit the NMODL text, not this file."""
# ruff: noqa
# fmt: off
# pyright: basic

from jxneuron.mech import (
    Action, choose, exp, fabs, Field, log, Mechanism, received, repeat, sent_at, shaped, unset,
    where,
)


def fixprecondition(taue, taui1, taui2, taum, taueps):
    """PROCEDURE fixprecondition (intfire4.mod:154)."""
    taui2 = where(taui2 < 4.0 * taueps, 4.0 * taueps, taui2)  # intfire4.mod:168
    taui1 = where(taui1 < 3.0 * taueps, 3.0 * taueps, taui1)  # intfire4.mod:171
    taue = where(taue < 2.0 * taueps, 2.0 * taueps, taue)  # intfire4.mod:175
    def then(taue, taueps, taui2):  # intfire4.mod:180
        taue = taui2 - taueps  # intfire4.mod:182
        return taue

    def otherwise(taue, taueps, taui2):
        taue = where(taui2 - taue < taueps, taui2 - taueps, taue)  # intfire4.mod:184
        return taue

    taue = choose(taue > taui2, then, otherwise, taue, taueps, taui2)  # intfire4.mod:180
    def then(taui1, taui2):  # intfire4.mod:189
        tau_swap = taui2  # intfire4.mod:190
        taui2 = taui1  # intfire4.mod:191
        taui1 = tau_swap  # intfire4.mod:192
        return taui2, taui1

    def otherwise(taui1, taui2):
        return taui2, taui1

    taui2, taui1 = choose(taui1 > taui2, then, otherwise, taui1, taui2)  # intfire4.mod:189
    taui1 = where(taui2 - taui1 < taueps, taui2 - taueps, taui1)  # intfire4.mod:198
    def then(taue, taueps, taui1, taui2, taum):  # intfire4.mod:202
        taum = where(taui2 - taum < taueps, taui2 - taueps, taum)  # intfire4.mod:203
        taum = where(fabs(taui1 - taum) < taueps, taui1 - taueps, taum)  # intfire4.mod:207
        def then(taueps, taui1, taum):  # intfire4.mod:211
            def then(taueps, taui1, taum):  # intfire4.mod:212
                taum = taui1 - taueps  # intfire4.mod:213
                return taum, taui1

            def otherwise(taueps, taui1, taum):
                taui1 = taum - taueps  # intfire4.mod:215
                return taum, taui1

            taum, taui1 = choose(taui1 - taum < 0.0, then, otherwise, taueps, taui1, taum)  # intfire4.mod:212
            return taum, taui1

        def otherwise(taueps, taui1, taum):
            return taum, taui1

        taum, taui1 = choose(fabs(taui1 - taum) < taueps, then, otherwise, taueps, taui1, taum)  # intfire4.mod:211
        def then(taue, taueps, taum):  # intfire4.mod:219
            def then(taue, taueps, taum):  # intfire4.mod:220
                taum = taue - taueps  # intfire4.mod:221
                return taum, taue

            def otherwise(taue, taueps, taum):
                taue = taum - taueps  # intfire4.mod:223
                return taum, taue

            taum, taue = choose(taue - taum < 0.0, then, otherwise, taue, taueps, taum)  # intfire4.mod:220
            return taum, taue

        def otherwise(taue, taueps, taum):
            return taum, taue

        taum, taue = choose(fabs(taue - taum) < taueps, then, otherwise, taue, taueps, taum)  # intfire4.mod:219
        taum = where(fabs(taui1 - taum) < taueps, taui1 - taueps, taum)  # intfire4.mod:227
        return taum, taui1, taue

    def otherwise(taue, taueps, taui1, taui2, taum):
        taum = where(taum - taui2 < taueps, taui2 + taueps, taum)  # intfire4.mod:231
        return taum, taui1, taue

    taum, taui1, taue = choose(taum <= taui2, then, otherwise, taue, taueps, taui1, taui2, taum)  # intfire4.mod:202
    return taui2, taui1, taue, taum


def deriv(d, ki1, ki2, km):
    """FUNCTION deriv (intfire4.mod:280)."""
    deriv = (-km * exp(-d * km) + ki2 * exp(-d * ki2)) / (ki2 - km) - (-km * exp(-d * km) + ki1 * exp(-d * ki1)) / (ki1 - km)  # intfire4.mod:281
    return deriv


def search(ki1, ki2, km):
    """FUNCTION search (intfire4.mod:284)."""
    search = unset()
    t2 = unset()
    t1 = 1.0  # intfire4.mod:295
    flag = 0.0  # intfire4.mod:296
    def then(flag, ki1, ki2, km, search, t1, t2):  # intfire4.mod:297
        def going(t2, t1, ki1, ki2, km):  # intfire4.mod:298
            return (deriv(t1, ki1, ki2, km) < 0.0) & (t1 > 1e-9)

        def turn(t2, t1, ki1, ki2, km):
            t2 = t1  # intfire4.mod:299
            t1 = t1 / 10.0  # intfire4.mod:300
            return (t2, t1,)

        (t2, t1,) = repeat(going, turn, (t2, t1,), (ki1, ki2, km))
        flag = where(deriv(t1, ki1, ki2, km) < 0.0, 1.0, flag)  # intfire4.mod:302
        search = where(deriv(t1, ki1, ki2, km) < 0.0, 1e-9, search)  # intfire4.mod:302
        return t2, t1, flag, search

    def otherwise(flag, ki1, ki2, km, search, t1, t2):
        t2 = t1  # intfire4.mod:308
        def going(t1, t2, ki1, ki2, km):  # intfire4.mod:309
            return (deriv(t2, ki1, ki2, km) > 0.0) & (t2 < 1e9)

        def turn(t1, t2, ki1, ki2, km):
            t1 = t2  # intfire4.mod:310
            t2 = t2 * 10.0  # intfire4.mod:311
            return (t1, t2,)

        (t1, t2,) = repeat(going, turn, (t1, t2,), (ki1, ki2, km))
        flag = where(deriv(t2, ki1, ki2, km) > 0.0, 1.0, flag)  # intfire4.mod:313
        search = where(deriv(t2, ki1, ki2, km) > 0.0, 1e9, search)  # intfire4.mod:313
        return t2, t1, flag, search

    t2, t1, flag, search = choose(  # intfire4.mod:297
        deriv(t1, ki1, ki2, km) < 0.0, then, otherwise, flag, ki1, ki2, km, search, t1, t2,
    )
    def going(search, t1, t2, flag, ki1, ki2, km):  # intfire4.mod:323
        return (t2 - t1 > 1e-6) & (flag == 0.0)

    def turn(search, t1, t2, flag, ki1, ki2, km):
        search = (t1 + t2) / 2.0  # intfire4.mod:324
        x = deriv(search, ki1, ki2, km)  # intfire4.mod:325
        t1 = where(x > 0.0, search, t1)  # intfire4.mod:326
        t2 = where(x > 0.0, t2, search)  # intfire4.mod:326
        return (search, t1, t2,)

    (search, t1, t2,) = repeat(going, turn, (search, t1, t2,), (flag, ki1, ki2, km))
    return search


def newstates(d, e, i1, i2, m, ke, ki1, ki2, km, be, bi1, bi2, a, b):
    """PROCEDURE newstates (intfire4.mod:115)."""
    ee = exp(-ke * d)  # intfire4.mod:118
    ei1 = exp(-ki1 * d)  # intfire4.mod:119
    ei2 = exp(-ki2 * d)  # intfire4.mod:120
    em = exp(-km * d)  # intfire4.mod:121
    enew = e * ee  # intfire4.mod:122
    i1new = i1 * ei1  # intfire4.mod:123
    i2new = i2 * ei2 + bi1 * i1 * (ei2 - ei1)  # intfire4.mod:124
    mnew = m * em + be * e * (em - ee) + (bi2 * i2 + a * i1) * (em - ei2) - b * i1 * (em - ei1)  # intfire4.mod:125
    return enew, i1new, i2new, mnew


def factors(taue, taui1, taui2, taum):
    """PROCEDURE factors (intfire4.mod:236)."""
    ke = 1.0 / taue  # intfire4.mod:239
    ki1 = 1.0 / taui1  # intfire4.mod:239
    ki2 = 1.0 / taui2  # intfire4.mod:239
    km = 1.0 / taum  # intfire4.mod:239
    tp = log(km / ke) / (km - ke)  # intfire4.mod:242
    be = 1.0 / (exp(-km * tp) - exp(-ke * tp))  # intfire4.mod:243
    ae = be * (ke - km)  # intfire4.mod:244
    tp = log(ki2 / ki1) / (ki2 - ki1)  # intfire4.mod:248
    bi1 = 1.0 / (exp(-ki2 * tp) - exp(-ki1 * tp))  # intfire4.mod:249
    ai1 = bi1 * (ki1 - ki2)  # intfire4.mod:250
    e = 0.0  # intfire4.mod:255
    i1 = 1.0  # intfire4.mod:256
    i2 = 0.0  # intfire4.mod:257
    m = 0.0  # intfire4.mod:258
    bi2 = 1.0  # intfire4.mod:259
    a = bi2 * bi1  # intfire4.mod:261
    b = a * (ki2 - km) / (ki1 - km)  # intfire4.mod:262
    tp = search(ki1, ki2, km)  # intfire4.mod:265
    enew, i1new, i2new, mnew = newstates(tp, e, i1, i2, m, ke, ki1, ki2, km, be, bi1, bi2, a, b)  # intfire4.mod:268
    bi2 = 1.0 / mnew  # intfire4.mod:269
    ai2 = bi2 * (ki2 - km)  # intfire4.mod:270
    a = bi2 * bi1  # intfire4.mod:271
    b = a * (ki2 - km) / (ki1 - km)  # intfire4.mod:272
    i1 = 0.0  # intfire4.mod:277
    return ke, ki1, ki2, km, be, ae, bi1, ai1, e, i1, i2, m, bi2, ai2, a, b


def firetimebound(e, i2, m, km, ae, ai2):
    """FUNCTION firetimebound (intfire4.mod:377)."""
    slope = -km * m + ae * e + ai2 * i2  # intfire4.mod:379
    firetimebound = choose(  # intfire4.mod:380
        slope <= 1e-9,
        lambda m, slope: 1e9,
        lambda m, slope: (1.0 - m) / slope,
        m, slope,
    )
    return firetimebound


def update(enew, i1new, i2new, mnew, t):
    """PROCEDURE update (intfire4.mod:146)."""
    e = enew  # intfire4.mod:147
    i1 = i1new  # intfire4.mod:148
    i2 = i2new  # intfire4.mod:149
    m = mnew  # intfire4.mod:150
    t0 = t  # intfire4.mod:151
    return e, i1, i2, m, t0


def initial(p, s, v, env):
    """INITIAL: states at their START values, then the block."""
    taueps = p["taueps"]
    taue = s["taue"]
    taui1 = s["taui1"]
    taui2 = s["taui2"]
    taum = s["taum"]
    t = env["t"]
    taui2, taui1, taue, taum = fixprecondition(taue, taui1, taui2, taum, taueps)  # intfire4.mod:338
    ke, ki1, ki2, km, be, ae, bi1, ai1, e, i1, i2, m, bi2, ai2, a, b = factors(  # intfire4.mod:339
        taue, taui1, taui2, taum,
    )
    e = 0.0  # intfire4.mod:340
    i1 = 0.0  # intfire4.mod:341
    i2 = 0.0  # intfire4.mod:342
    m = 0.0  # intfire4.mod:343
    t0 = t  # intfire4.mod:344
    nself = 0.0  # intfire4.mod:347
    nexcite = 0.0  # intfire4.mod:348
    ninhibit = 0.0  # intfire4.mod:349
    return shaped(v, s, {
        "taui2": taui2, "taui1": taui1, "taue": taue, "taum": taum, "ke": ke, "ki1": ki1,
        "ki2": ki2, "km": km, "be": be, "ae": ae, "bi1": bi1, "ai1": ai1, "e": e, "i1": i1,
        "i2": i2, "m": m, "bi2": bi2, "ai2": ai2, "a": a, "b": b, "t0": t0, "nself": nself,
        "nexcite": nexcite, "ninhibit": ninhibit,
    })


def receive(p, s, v, env, w, flag):
    """NET_RECEIVE."""
    w_ = w["w"]
    flag_local = flag
    eps = p["eps"]
    e = s["e"]
    i1 = s["i1"]
    i2 = s["i2"]
    m = s["m"]
    t0 = s["t0"]
    nself = s["nself"]
    nexcite = s["nexcite"]
    ninhibit = s["ninhibit"]
    ke = s["ke"]
    ki1 = s["ki1"]
    ki2 = s["ki2"]
    km = s["km"]
    ae = s["ae"]
    ai2 = s["ai2"]
    be = s["be"]
    bi1 = s["bi1"]
    bi2 = s["bi2"]
    a = s["a"]
    b = s["b"]
    t = env["t"]
    event_1 = 0.0
    event_1_time = 0.0
    send_2 = 0.0
    send_2_time = 0.0
    send_2_flag = 0.0
    move_3 = 0.0
    move_3_time = 0.0
    enew, i1new, i2new, mnew = newstates(t - t0, e, i1, i2, m, ke, ki1, ki2, km, be, bi1, bi2, a, b)  # intfire4.mod:353
    e, i1, i2, m, t0 = update(enew, i1new, i2new, mnew, t)  # intfire4.mod:354
    def then(event_1, event_1_time, m, t):  # intfire4.mod:356
        event_1 = 1.0  # intfire4.mod:358
        event_1_time = t  # intfire4.mod:358
        m = 0.0  # intfire4.mod:359
        return event_1, event_1_time, m

    def otherwise(event_1, event_1_time, m, t):
        return event_1, event_1_time, m

    event_1, event_1_time, m = choose(m > 1.0 - eps, then, otherwise, event_1, event_1_time, m, t)  # intfire4.mod:356
    def then(  # intfire4.mod:361
        ae, ai2, e, i1, i2, km, m, move_3, move_3_time, nexcite, ninhibit, nself, send_2,
        send_2_flag, send_2_time, t, w_,
    ):
        nself = nself + 1.0  # intfire4.mod:362
        send_2 = 1.0  # intfire4.mod:363
        send_2_time = t + firetimebound(e, i2, m, km, ae, ai2)  # intfire4.mod:363
        send_2_flag = 1.0  # intfire4.mod:363
        return nself, send_2, send_2_time, send_2_flag, nexcite, e, ninhibit, i1, move_3, move_3_time

    def otherwise(
        ae, ai2, e, i1, i2, km, m, move_3, move_3_time, nexcite, ninhibit, nself, send_2,
        send_2_flag, send_2_time, t, w_,
    ):
        def then(e, i1, nexcite, ninhibit, w_):  # intfire4.mod:365
            nexcite = nexcite + 1.0  # intfire4.mod:366
            e = e + w_  # intfire4.mod:367
            return nexcite, e, ninhibit, i1

        def otherwise(e, i1, nexcite, ninhibit, w_):
            ninhibit = ninhibit + 1.0  # intfire4.mod:369
            i1 = i1 + w_  # intfire4.mod:370
            return nexcite, e, ninhibit, i1

        nexcite, e, ninhibit, i1 = choose(w_ > 0.0, then, otherwise, e, i1, nexcite, ninhibit, w_)  # intfire4.mod:365
        move_3 = 1.0  # intfire4.mod:373
        move_3_time = firetimebound(e, i2, m, km, ae, ai2) + t  # intfire4.mod:373
        return nself, send_2, send_2_time, send_2_flag, nexcite, e, ninhibit, i1, move_3, move_3_time

    nself, send_2, send_2_time, send_2_flag, nexcite, e, ninhibit, i1, move_3, move_3_time = choose(  # intfire4.mod:361
        flag_local == 1.0, then, otherwise, ae, ai2, e, i1, i2, km, m, move_3, move_3_time,
        nexcite, ninhibit, nself, send_2, send_2_flag, send_2_time, t, w_,
    )
    return received(
        v, s, w,
        {
            "e": e,
            "i1": i1,
            "i2": i2,
            "m": m,
            "t0": t0,
            "nself": nself,
            "nexcite": nexcite,
            "ninhibit": ninhibit,
        },
        {},
        (
            Action(event_1 != 0.0, event_1_time, 0.0),
            Action(send_2 != 0.0, send_2_time, send_2_flag),
            Action(move_3 != 0.0, move_3_time, 0.0),
        ),
        (),
    )


def initial_sends(p, s, v, env):
    """What INITIAL sends, with its arguments."""
    taueps = p["taueps"]
    taue = s["taue"]
    taui1 = s["taui1"]
    taui2 = s["taui2"]
    taum = s["taum"]
    t = env["t"]
    taui2, taui1, taue, taum = fixprecondition(taue, taui1, taui2, taum, taueps)  # intfire4.mod:338
    ke, ki1, ki2, km, be, ae, bi1, ai1, e, i1, i2, m, bi2, ai2, a, b = factors(  # intfire4.mod:339
        taue, taui1, taui2, taum,
    )
    e = 0.0  # intfire4.mod:340
    i2 = 0.0  # intfire4.mod:342
    m = 0.0  # intfire4.mod:343
    send_1 = 1.0  # intfire4.mod:345
    send_1_time = t + firetimebound(e, i2, m, km, ae, ai2)  # intfire4.mod:345
    send_1_flag = 1.0  # intfire4.mod:345
    return sent_at(
        v,
        (Action(send_1 != 0.0, send_1_time, send_1_flag),),
    )


MECHANISM = Mechanism(
    name="IntFire4",
    kind="artificial",
    fields=(
        Field("taue", "parameter", "range", "s", unit="ms", default=5.0, lower=0.0, upper=1e9),
        Field("taui1", "parameter", "range", "s", unit="ms", default=10.0, lower=0.0, upper=1e9),
        Field("taui2", "parameter", "range", "s", unit="ms", default=20.0, lower=0.0, upper=1e9),
        Field("taum", "parameter", "range", "s", unit="ms", default=50.0, lower=0.0, upper=1e9),
        Field("ib", "parameter", "global", "p"),
        Field("eps", "parameter", "global", "p", default=1e-6, lower=1e-9, upper=0.01),
        Field("taueps", "parameter", "global", "p", default=0.01, lower=1e-9, upper=1e9),
        Field("e", "assigned", "range", "s"),
        Field("i1", "assigned", "range", "s"),
        Field("i2", "assigned", "range", "s"),
        Field("m", "assigned", "range", "s"),
        Field("enew", "assigned", "instance", "none"),
        Field("i1new", "assigned", "instance", "none"),
        Field("i2new", "assigned", "instance", "none"),
        Field("mnew", "assigned", "instance", "none"),
        Field("t0", "assigned", "instance", "s", unit="ms"),
        Field("nself", "assigned", "range", "s"),
        Field("nexcite", "assigned", "range", "s"),
        Field("ninhibit", "assigned", "range", "s"),
        Field("ke", "assigned", "instance", "s", unit="1/ms"),
        Field("ki1", "assigned", "instance", "s", unit="1/ms"),
        Field("ki2", "assigned", "instance", "s", unit="1/ms"),
        Field("km", "assigned", "instance", "s", unit="1/ms"),
        Field("ae", "assigned", "range", "s", unit="1/ms"),
        Field("ai1", "assigned", "range", "s", unit="1/ms"),
        Field("ai2", "assigned", "range", "s", unit="1/ms"),
        Field("be", "assigned", "instance", "s"),
        Field("bi1", "assigned", "instance", "s"),
        Field("bi2", "assigned", "instance", "s"),
        Field("a", "assigned", "instance", "s"),
        Field("b", "assigned", "instance", "s"),
        Field("tau_swap", "assigned", "instance", "none", unit="ms"),
        Field("flag", "assigned", "instance", "none", unit="1"),
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
    ),
    initial_actions=(
        "send",
    ),
    tables=None,
    linear_in_v=False,
)

"""hh, translated from hh.mod; edit the NMODL text, not this file."""
# ruff: noqa
# fmt: off
# pyright: basic

from jxneuron.mech import (
    choose, cnexp, Current, exp, fabs, Field, IonUse, lookup, Mechanism, power, shaped, tabulate,
)


def vtrap(x, y):
    """FUNCTION vtrap (hh.mod:121)."""
    vtrap = choose(  # hh.mod:122
        fabs(x / y) < 1e-6,
        lambda x, y: y * (1.0 - x / y / 2.0),
        lambda x, y: x / (exp(x / y) - 1.0),
        x, y,
    )
    return vtrap


def rates_exact(v, celsius):
    """PROCEDURE rates (hh.mod:93)."""
    q10 = power(3.0, (celsius - 6.3) / 10.0)  # hh.mod:100
    alpha = 0.1 * vtrap(-(v + 40.0), 10.0)  # hh.mod:102
    beta = 4.0 * exp(-(v + 65.0) / 18.0)  # hh.mod:103
    sum = alpha + beta  # hh.mod:104
    mtau = 1.0 / (q10 * sum)  # hh.mod:105
    minf = alpha / sum  # hh.mod:106
    alpha = 0.07 * exp(-(v + 65.0) / 20.0)  # hh.mod:108
    beta = 1.0 / (exp(-(v + 35.0) / 10.0) + 1.0)  # hh.mod:109
    sum = alpha + beta  # hh.mod:110
    htau = 1.0 / (q10 * sum)  # hh.mod:111
    hinf = alpha / sum  # hh.mod:112
    alpha = 0.01 * vtrap(-(v + 55.0), 10.0)  # hh.mod:114
    beta = 0.125 * exp(-(v + 65.0) / 80.0)  # hh.mod:115
    sum = alpha + beta  # hh.mod:116
    ntau = 1.0 / (q10 * sum)  # hh.mod:117
    ninf = alpha / sum  # hh.mod:118
    return minf, mtau, hinf, htau, ninf, ntau


def rates(v, tables, celsius):
    """PROCEDURE rates, by its TABLE (hh.mod:97)."""
    if tables is None:
        return rates_exact(v, celsius)
    minf, mtau, hinf, htau, ninf, ntau = lookup(tables["rates"], v, -100.0, 100.0, 200)
    return minf, mtau, hinf, htau, ninf, ntau


def states(v, m, h, n, tables, dt, celsius):
    """DERIVATIVE states (hh.mod:82)."""
    minf, mtau, hinf, htau, ninf, ntau = rates(v, tables, celsius)  # hh.mod:83
    m = cnexp(m, minf / mtau, -1.0 / mtau, dt)  # hh.mod:84
    h = cnexp(h, hinf / htau, -1.0 / htau, dt)  # hh.mod:85
    n = cnexp(n, ninf / ntau, -1.0 / ntau, dt)  # hh.mod:86
    return mtau, minf, htau, hinf, ntau, ninf, m, h, n


def initial(p, s, v, env):
    """INITIAL: states at their START values, then the block."""
    tables = env["tables"]
    celsius = env["celsius"]
    minf, mtau, hinf, htau, ninf, ntau = rates(v, tables, celsius)  # hh.mod:75
    m = minf  # hh.mod:76
    h = hinf  # hh.mod:77
    n = ninf  # hh.mod:78
    return shaped(v, s, {
        "m": m, "h": h, "n": n, "mtau": mtau, "minf": minf, "htau": htau, "hinf": hinf,
        "ntau": ntau, "ninf": ninf,
    })


def current(p, s, v, env):
    """BREAKPOINT without its SOLVE: currents at v."""
    gnabar = p["gnabar"]
    gkbar = p["gkbar"]
    gl = p["gl"]
    el = p["el"]
    m = s["m"]
    h = s["h"]
    n = s["n"]
    ena = env["ena"]
    ek = env["ek"]
    gna = gnabar * m * m * m * h  # hh.mod:66
    ina = gna * (v - ena)  # hh.mod:67
    gk = gkbar * n * n * n * n  # hh.mod:68
    ik = gk * (v - ek)  # hh.mod:69
    il = gl * (v - el)  # hh.mod:70
    return (
        shaped(v, s, {"ina": ina, "ik": ik, "il": il}),
        shaped(v, s, {"gna": gna, "gk": gk, "il": il}),
    )


def advance(p, s, v, env):
    """Every SOLVE of BREAKPOINT over dt, with the new v."""
    m = s["m"]
    h = s["h"]
    n = s["n"]
    tables = env["tables"]
    dt = env["dt"]
    celsius = env["celsius"]
    mtau, minf, htau, hinf, ntau, ninf, m, h, n = states(v, m, h, n, tables, dt, celsius)  # hh.mod:65
    return shaped(v, s, {
        "mtau": mtau, "minf": minf, "htau": htau, "hinf": hinf, "ntau": ntau, "ninf": ninf, "m": m,
        "h": h, "n": n,
    })


def tables(p, env):
    """Every TABLE at the present parameters."""
    celsius = env["celsius"]
    tables = {}
    tables["rates"] = tabulate(lambda v: rates_exact(v, celsius), -100.0, 100.0, 200)
    return tables


MECHANISM = Mechanism(
    name="hh",
    kind="density",
    fields=(
        Field("gnabar", "parameter", "range", "p", unit="S/cm2", default=0.12, lower=0.0, upper=1e9),
        Field("gkbar", "parameter", "range", "p", unit="S/cm2", default=0.036, lower=0.0, upper=1e9),
        Field("gl", "parameter", "range", "p", unit="S/cm2", default=0.0003, lower=0.0, upper=1e9),
        Field("el", "parameter", "range", "p", unit="mV", default=-54.3),
        Field("m", "state", "range", "s"),
        Field("h", "state", "range", "s"),
        Field("n", "state", "range", "s"),
        Field("gna", "assigned", "range", "s", unit="S/cm2"),
        Field("gk", "assigned", "range", "s", unit="S/cm2"),
        Field("ina", "assigned", "instance", "none", unit="mA/cm2"),
        Field("ik", "assigned", "instance", "none", unit="mA/cm2"),
        Field("il", "assigned", "range", "s", unit="mA/cm2"),
        Field("minf", "assigned", "range", "s"),
        Field("hinf", "assigned", "range", "s"),
        Field("ninf", "assigned", "range", "s"),
        Field("mtau", "assigned", "range", "s", unit="ms"),
        Field("htau", "assigned", "range", "s", unit="ms"),
        Field("ntau", "assigned", "range", "s", unit="ms"),
    ),
    ions=(
        IonUse("na", loads=("ena",)),
        IonUse("k", loads=("ek",)),
    ),
    currents=(
        Current("ina", ion="na"),
        Current("ik", ion="k"),
        Current("il"),
    ),
    initial=initial,
    current=current,
    advance=advance,
    tables=tables,
    linear_in_v=True,
)

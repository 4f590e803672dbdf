"""Channels of NEURON's ChannelBuilder (KSChan), which have no NMODL: their gates and transitions -> NMODL text.

In: the object KSChan of a session. Out: NMODL that computes what kschan.cpp does, or why there is none. Gates of one
state relax exponentially towards their steady state; states that transitions connect are solved for by backward Euler.
"""

from __future__ import annotations

from typing import Any, NamedTuple

NON_SPECIFIC = "NonSpecific"
GHK = 2  # of iv_type; 0 and 1 are ohmic
STEADY_AND_TAU = 1  # of a transition's type: its functions are steady state and time constant, else both rates
# Functions of a transition by their type, with their parameters p0, p1, ... (kschan.h)
CONSTANT, EXPONENTIAL, LINOID, SIGMOID, BARRIER_STEADY, BARRIER_TAU = range(1, 7)
FORMS = {
    CONSTANT: "{0}",
    EXPONENTIAL: "{0}*bounded({1}*(v - {2}))",
    LINOID: "linoid({0}, {1}*(v - {2}))",
    SIGMOID: "{0}/(1 + bounded({1}*(v - {2})))",
    BARRIER_STEADY: "barrier_steady(v, {0}, {1}, {2}, {3})",
    BARRIER_TAU: "barrier_tau(v, {0}, {1}, {2}, {3}, {4})",
}
# 11.6 K/mV is the charge of the electron by the Boltzmann constant, CODATA 2018
FUNCTIONS = """
FUNCTION bounded(x) {
    if (x > 700) { bounded = exp(700) } else { if (x < -700) { bounded = exp(-700) } else { bounded = exp(x) } }
}
FUNCTION linoid(a, x) {
    if (fabs(x) > 1e-6) { linoid = a*x/(1 - bounded(-x)) } else { linoid = a*(1 + x/2) }
}
FUNCTION barrier_steady(v, a, half, z, gamma) { LOCAL x, up
    x = 11.60451812155008/(273.15 + celsius)*z*(v - half)
    up = a*bounded(gamma*x)
    barrier_steady = up/(up + a*bounded((gamma - 1)*x))
}
FUNCTION barrier_tau(v, a, half, z, gamma, least) { LOCAL x
    x = 11.60451812155008/(273.15 + celsius)*z*(v - half)
    barrier_tau = 1/(a*bounded(gamma*x) + a*bounded((gamma - 1)*x)) + least
}
"""


class Transition(NamedTuple):
    """From one state to another; of a gate of one state both are the same."""

    source: int
    target: int
    type: int
    functions: tuple[str, str]  # expressions in v


def find_channel(h: Any, name: str) -> Any:
    """Return the KSChan that makes a mechanism, None where none does."""
    return next((channel for channel in h.List("KSChan") if str(channel.name()) == name), None)


def why_not(channel: Any) -> str:
    """Return what of a channel has no NMODL that computes the same; empty where all has."""
    if channel.is_point():
        return "a KSChan that is a point process"
    if channel.single():
        return "a KSChan of single channels, which open at random"
    if int(channel.iv_type()) == GHK:
        return "a KSChan with the current of Goldman, Hodgkin and Katz"
    if channel.usetable():
        return "a KSChan that interpolates between values of a table"
    transitions = [channel.trans(k) for k in range(int(channel.ntrans()))]
    if any(transition.type() > STEADY_AND_TAU for transition in transitions):
        return "a KSChan with a transition that a ligand drives"
    types = {int(transition.ftype(k)) for transition in transitions for k in (0, 1)}
    return "" if types <= set(FORMS) else "a KSChan with a function from a table, or without function"


def write_nmodl(channel: Any) -> str:
    """Return the NMODL text of a channel for which ``why_not`` has no reason."""
    states = [channel.state(k) for k in range(int(channel.nstate()))]
    names = [str(state.name()) for state in states]
    transitions = [_read_transition(channel.trans(k)) for k in range(int(channel.ntrans()))]
    single = [one for one in transitions if one.source == one.target]
    between = [one for one in transitions if one.source != one.target]
    parts = [_interface(channel, names), _initial(channel, names, single, between)]
    parts.append(_breakpoint(channel, _conductance(channel, states, names), bool(single), bool(between)))
    if single:
        parts.append("DERIVATIVE gates {\n" + "".join(_relaxation(names, one) for one in single) + "}\n")
    if between:
        parts.append("KINETIC scheme {\n" + "".join(_reaction(names, one) for one in between) + "}\n")
    return "\n".join([*parts, FUNCTIONS])


def _read_transition(transition: Any) -> Transition:
    functions = [FORMS[int(transition.ftype(k))].format(*_parameters(transition, k)) for k in (0, 1)]
    ends = int(transition.src().index()), int(transition.target().index())
    return Transition(*ends, int(transition.type()), (functions[0], functions[1]))


def _parameters(transition: Any, k: int) -> list[str]:
    return [f"({value!r})" for value in transition.parm(k).to_python()]


def _interface(channel: Any, names: list[str]) -> str:
    ion = str(channel.ion())
    own = ion == NON_SPECIFIC
    current = "NONSPECIFIC_CURRENT i" if own else f"USEION {ion} READ e{ion} WRITE i{ion}"
    ranges = "gmax, g, i, e" if own else "gmax, g, i"
    lines = [
        f"NEURON {{ SUFFIX {channel.name()}  {current}  RANGE {ranges} }}",
        f"PARAMETER {{ gmax = {channel.gmax()!r} {f'e = {channel.erev()!r}' if own else ''} }}",
        f"ASSIGNED {{ v celsius g i {'' if own else f'e{ion} i{ion}'} }}",
    ]
    return "\n".join([*lines, f"STATE {{ {' '.join(names)} }}" if names else "", ""])


def _initial(channel: Any, names: list[str], single: list[Transition], between: list[Transition]) -> str:
    """Return INITIAL: each gate of several states begins in its first one, and settles.

    NEURON makes one step of 1e9 ms, of which rounding leaves about 1e-9 of the states wrong.
    """
    first = {int(channel.gate(k).sindex()) for k in range(int(channel.ngate()))}
    lines = [f"    {names[one.source]} = {_steady(one)}\n" for one in single]
    alone = {one.source for one in single}
    lines += [f"    {name} = {float(k in first)}\n" for k, name in enumerate(names) if k not in alone]
    return "INITIAL {\n" + "".join(lines) + ("    SOLVE scheme STEADYSTATE sparse\n" if between else "") + "}\n"


def _breakpoint(channel: Any, conductance: str, gates: bool, scheme: bool) -> str:
    ion = str(channel.ion())
    lines = ["    SOLVE gates METHOD cnexp\n"] * gates + ["    SOLVE scheme METHOD sparse\n"] * scheme
    lines.append(f"    g = {conductance}\n")
    lines += ["    i = g*(v - e)\n"] if ion == NON_SPECIFIC else [f"    i = g*(v - e{ion})\n", f"    i{ion} = i\n"]
    return "BREAKPOINT {\n" + "".join(lines) + "}\n"


def _conductance(channel: Any, states: list[Any], names: list[str]) -> str:
    factors = ["gmax"]
    for k in range(int(channel.ngate())):
        gate = channel.gate(k)
        members = range(int(gate.sindex()), int(gate.sindex() + gate.nstate()))
        factors.append(_power([f"{states[j].frac()!r}*{names[j]}" for j in members], int(gate.power())))
    return "*".join(factors)


def _power(terms: list[str], power: int) -> str:
    total = f"({' + '.join(terms)})"
    return "*".join([total] * power) if 1 <= power <= 4 else f"{total}^{power}"


def _steady(one: Transition) -> str:
    first, second = one.functions
    return f"{first}" if one.type == STEADY_AND_TAU else f"({first})/(({first}) + ({second}))"


def _relaxation(names: list[str], one: Transition) -> str:
    first, second = one.functions
    tau = second if one.type == STEADY_AND_TAU else f"1/(({first}) + ({second}))"
    return f"    {names[one.source]}' = (({_steady(one)}) - {names[one.source]})/({tau})\n"


def _reaction(names: list[str], one: Transition) -> str:
    forward, backward = _rates(one)
    return f"    ~ {names[one.source]} <-> {names[one.target]} ({forward}, {backward})\n"


def _rates(one: Transition) -> tuple[str, str]:
    first, second = one.functions
    return (f"({first})/({second})", f"(1 - ({first}))/({second})") if one.type == STEADY_AND_TAU else (first, second)


def find_text(h: Any, name: str) -> tuple[str, str]:
    """Return NEURON's name of the KSChan that makes a mechanism, and its NMODL text; both empty where it has none."""
    channel = find_channel(h, name)
    if channel is None or why_not(channel):
        return "", ""
    return str(channel.hname()), write_nmodl(channel)

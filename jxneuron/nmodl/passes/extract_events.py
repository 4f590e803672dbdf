"""Say what a block asks of the event queue with LOCALs.

In: blocks with ``net_send``, ``net_event``, ``net_move`` and WATCH. Out: blocks without. A place that asks for
something sets LOCALs instead: one that it was passed, and the time and the flag of the event. The condition of a WATCH
has a block of its own. In NET_RECEIVE ``state_discontinuity`` is an assignment, and nothing hides a variable.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, replace

from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.syntax import nodes as sx
from jxneuron.nmodl.syntax.visit import Body, bodies, find_statements, leaf, map_bodies, rename_own, walk
from jxneuron.nmodl.syntax.walk import free_name

ASKING = (*sx.RECEIVING, "INITIAL")
LOOPED = "in a loop whose number of turns is not known before the run"


def extract_events(symbols: Symbols) -> Symbols:
    """Rewrite INITIAL, NET_RECEIVE and its INITIAL."""
    blocks: dict[str, sx.Block] = {}
    for name, block in symbols.blocks.items():
        if block.kind not in ASKING:
            blocks[name] = block
            continue
        shown = _with_own_names(block, symbols) if block.kind in sx.RECEIVING else block
        asked = _Asked({*symbols.variables, *symbols.constants, *symbols.blocks, *shown.args, *shown.local_names})
        body = asked.without(shown.body)
        first = tuple(sx.Assign(sx.Var(local), sx.Num(0.0)) for local in asked.locals)
        locals = (*shown.locals, *map(sx.Local, asked.locals))
        blocks[name] = replace(shown, body=(*first, *body), locals=locals, sent=(*block.sent, *asked.sent))
        blocks.update({watch.name: watch for watch in asked.watches})
    return replace(symbols, blocks=blocks)


def _with_own_names(block: sx.Block, symbols: Symbols) -> sx.Block:
    """Give another name to arguments and LOCALs that are called like something of the file, which blocks may need."""
    taken = {*symbols.variables, *symbols.constants, *symbols.blocks}
    hidden = {n: free_name(f"{n}_local", taken) for n in (*block.args, *block.local_names) if n in taken}
    return rename_own(block, hidden)


@dataclass
class _Asked:
    """Collects what the places of one block ask for, in the order of the text."""

    taken: Collection[str]
    sent: list[sx.Sent] = field(default_factory=list[sx.Sent])
    watches: list[sx.Block] = field(default_factory=list[sx.Block])

    @property
    def locals(self) -> list[str]:
        """Return the LOCALs that the places set."""
        return [name for sent in self.sent for name in (sent.when, sent.time, sent.flag) if name]

    def without(self, body: Body) -> Body:
        """Return a body that sets LOCALs where it asked for something."""
        return tuple(new for s in body for new in self._statement(s))

    def _statement(self, s: sx.Statement) -> list[sx.Statement]:
        match s:
            case sx.Send():
                return self._send(s)
            case sx.Watch():
                return self._watch(s)
            case sx.Do(call=sx.Call(name="state_discontinuity", args=(sx.Var() as state, value))):
                return [sx.Assign(state, value, s.line)]
            case sx.For() | sx.While() if (asking := _first_asking(s.body)) is not None:
                return [_looped(s, asking)]
            case _:
                return [map_bodies(s, self.without)] if bodies(s) else [leaf(s)]

    def _send(self, s: sx.Send) -> list[sx.Statement]:
        """Return the assignments that replace a net_send, net_event or net_move."""
        name = f"{s.kind}_{1 + sum(sent.kind != 'watch' for sent in self.sent)}"
        sent = sx.Sent(s.kind, *(self._free(f"{name}{end}") for end in ("", "_time")))
        sent = replace(sent, flag=self._free(f"{name}_flag")) if s.flag is not None else sent
        self.sent.append(sent)
        values = {sent.when: sx.Num(1.0), sent.time: s.time, sent.flag: s.flag}
        return [sx.Assign(sx.Var(local), value, s.line) for local, value in values.items() if value is not None]

    def _watch(self, s: sx.Watch) -> list[sx.Statement]:
        """Return the assignments that replace one condition of a WATCH; the condition gets a block."""
        k = len(self.watches) + 1
        body = (sx.Assign(sx.Var(sx.CONDITION), s.value, s.line),)
        self.watches.append(sx.Block("WATCH", f"WATCH {k}", (), body, (sx.Local(sx.CONDITION),), line=s.line))
        sent = sx.Sent("watch", self._free(f"watch_{k}"), flag=self._free(f"watch_{k}_flag"))
        self.sent.append(sent)
        return [
            sx.Assign(sx.Var(sent.when), sx.Num(1.0), s.line),
            sx.Assign(sx.Var(sent.flag), s.flag, s.line),
        ]

    def _free(self, name: str) -> str:
        return free_name(name, self.taken)


def _first_asking(body: Body) -> sx.Send | sx.Watch | None:
    """Return the first statement of a body that asks for something."""
    return next((s for s in walk(body) if isinstance(s, sx.Send | sx.Watch)), None)


def _looped(s: sx.For | sx.While, asking: sx.Send | sx.Watch) -> sx.Refused:
    """Refuse a loop that sends or watches, each turn anew."""
    what = "WATCH" if isinstance(asking, sx.Watch) else f"net_{asking.kind}"
    names = tuple(inside.target.name for inside in find_statements(sx.Assign, s.body))
    return sx.Refused(f"{what} {LOOPED}", "Write the turns one after another.", asking.line, names)

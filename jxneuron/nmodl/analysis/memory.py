"""Keep what variables hold while a block is executed abstractly.

In: ``Symbols``, and the reads and writes of a block in their order. Out: their ``Trace``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from jxneuron.nmodl.analysis.trace import Key, Trace
from jxneuron.nmodl.analysis.values import FrameLocal, Name, Origin, Value, join_sides
from jxneuron.nmodl.frontend.symbols import Symbols
from jxneuron.nmodl.report import Report
from jxneuron.nmodl.syntax import nodes as sx


@dataclass
class Frame:
    """The locals of one call of a block, by name."""

    number: int = 0
    locals: dict[str, FrameLocal] = field(default_factory=dict[str, FrameLocal])


class Memory:
    """Variables of the file and locals of the blocks that are running.

    Args:
        symbols: names, with simplified blocks.
        report: takes what cannot be taken over.
        again: as in ``AbstractInterpreter``.

    Attributes:
        trace: what has been read and written.
        line: the line that is executed.
        loops: indices of the FROM loops around it.
        choices: sides of the IFs around it.
        excused: names about which one finding was made that explains all others.
        unset: a finding about each local that is read before it is set, which counts where something needs its value.
    """

    def __init__(self, symbols: Symbols, report: Report, again: bool = False) -> None:
        self.symbols = symbols
        self.again = again
        self.report = report
        self.trace = Trace()
        self.line = 0
        self.loops: set[str] = set()
        self.choices: tuple[int, ...] = ()
        self.excused: set[Name] = {name for s in symbols.file.refused for name in s.names}
        self.unset: dict[Name, tuple[int, str, str]] = {}
        self._frames = [Frame()]
        self._last_frame = 0
        self._sizes: dict[Name, int] = {}
        self._entry_values: dict[Name, Value] = {}

    def refuse(self, what: str, way_out: str = "") -> None:
        """Report what cannot be taken over, at the present line."""
        self.report.refuse(self.line, what, way_out)

    # --- names

    def start(self, locals: Iterable[sx.Local] = ()) -> None:
        """Forget what was read and written, and begin with one frame."""
        self.trace = Trace()
        self._frames = []
        self.push(locals)

    def push(self, locals: Iterable[sx.Local]) -> None:
        """Begin a frame with these locals."""
        self._last_frame += 1
        self._frames.append(Frame(self._last_frame))
        for local in locals:
            self._sizes[self.declare(local.name)] = local.size

    def pop(self) -> None:
        """End the last frame."""
        self._frames.pop()

    def declare(self, name: str) -> FrameLocal:
        """Return the local of this name in the last frame, which is added where it has none."""
        frame = self._frames[-1]
        return frame.locals.setdefault(name, FrameLocal(name, frame.number))

    def is_local(self, name: str) -> bool:
        """True for a name that means a local here."""
        return name in self._frames[-1].locals

    def resolve(self, name: str) -> Name:
        """Return what a name means here: a local, which hides a variable of the same name, or that variable."""
        return self._frames[-1].locals.get(name, name)

    def is_known(self, name: Name) -> bool:
        """True for a local and for a variable of the file."""
        return isinstance(name, FrameLocal) or name in self.symbols.variables

    def size(self, name: Name) -> int:
        """Return the size of a variable or local, 0 for a scalar."""
        symbol = self.symbols.variables.get(name) if isinstance(name, str) else None
        return self._sizes.get(name, symbol.size if symbol is not None else 0)

    def check_index(self, shown: str, index: int) -> None:
        """Refuse an element that an array does not have, which C takes from the memory next to it."""
        name = self.resolve(shown)
        size = self.size(name)
        if name in self.excused or size == sx.NO_ELEMENT or not self.is_known(name) or 0 <= index < size:
            return
        if isinstance(name, FrameLocal):
            self.excused.add(name)
        what = f"{shown}[{index}]: {f'the elements are 0 to {size - 1}' if size else f'{shown} is no array'}"
        self.refuse(what, "Name an element that there is.")

    # --- values

    def read(self, key: Key) -> Value:
        """Return the value of an element, and note that it was read."""
        name, trace = key[0], self.trace
        if name in self.excused:
            return Value()
        if isinstance(name, FrameLocal):
            if not self._was_set(key, name):
                return self._unset_local(name)
        elif key not in trace.must:
            trace.exposed.setdefault(key, self.line)
        if key not in trace.values:
            trace.values[key] = self.entry_value(name)
        return trace.values[key]

    def _was_set(self, key: Key, local: FrameLocal) -> bool:
        """True for a local that some path set; note one that other paths leave unset."""
        if key in self.trace.may and key not in self.trace.must:
            missing = f"{local.name} is not set on every path"
            self.report.note(f"{missing}; where it is not, NEURON takes what the memory holds, jxneuron 0", self.line)
        return key in self.trace.may

    def _unset_local(self, local: FrameLocal) -> Value:
        """Return the value of a local that was never set: an obstacle only where something needs what it flows into."""
        what = f"{local.name} is read before it is set (NEURON takes what the memory holds)"
        self.unset.setdefault(local, (self.line, what, "Set it first."))
        return Value(origins=frozenset([Origin(local)]))

    def write(self, key: Key, value: Value) -> None:
        """Set an element."""
        name = key[0]
        if name in self.excused or not self.is_known(name):
            return
        self.trace.may.setdefault(key, self.line)
        self.trace.must.add(key)
        around = frozenset(self.choices)
        self.trace.choices[name] = self.trace.choices.get(name, around) & around
        self.trace.values[key] = replace(value, initial=False)

    def join(self, condition: Value, then: Trace, otherwise: Trace, choice: int = 0) -> None:
        """Go on with what either side of an IF may have left; ``choice`` is the number of the IF."""
        self.trace.must = then.must & otherwise.must
        for key in {**then.values, **otherwise.values}:
            a = then.values.get(key) or self.entry_value(key[0])
            b = otherwise.values.get(key) or self.entry_value(key[0])
            self._join_one(key, condition, a, b, choice)

    def write_perhaps(self, key: Key, value: Value, condition: Value) -> None:
        """Set an element where a condition holds, like ``write`` and ``join``, without a look at any other element."""
        if key[0] in self.excused or not self.is_known(key[0]):
            return
        before, always = self.trace.values.get(key) or self.entry_value(key[0]), key in self.trace.must
        self.write(key, value)
        if not always:
            self.trace.must.discard(key)
        self._join_one(key, condition, self.trace.values[key], before, 0)

    def _join_one(self, key: Key, condition: Value, a: Value, b: Value, choice: int) -> None:
        """Let an element have one of two values."""
        self.trace.values[key] = a if a is b else join_sides(condition, a, b, choice)
        if a is not b and key not in self.trace.must:
            self.trace.swayed.update({key} if condition.degree else ())
            before = self.trace.deciding.get(key, frozenset[Name]())
            self.trace.deciding[key] = before | {origin.name for origin in condition.origins}

    def entry_value(self, name: Name) -> Value:
        """Return what a variable holds before the entry.

        It is the same object each time: ``join`` takes a value that is this object for one that nothing has set.
        """
        if name not in self._entry_values:
            self._entry_values[name] = self._entry_value(name)
        return self._entry_values[name]

    def _entry_value(self, name: Name) -> Value:
        symbol = self.symbols.variables.get(name) if isinstance(name, str) else None
        if symbol is None:
            return Value()
        assert isinstance(name, str)
        if symbol.place == "v":
            return Value(uniform=False, degree=1)
        is_field = symbol.place == "field"
        passed_on = self.again or (is_field and symbol.scope in ("global", "file"))
        origins = frozenset([Origin(name)]) if self.again or is_field else frozenset[Origin]()
        base = name if is_field and not symbol.uniform and not symbol.size else ""
        return Value(uniform=symbol.uniform, origins=origins, initial=passed_on, base=base)

"""Parse NMODL text into frozen syntax, by the grammar of ``neuron.nmodl``.

In: NMODL text. Out: ``syntax.File``. Importing ``neuron.nmodl`` starts NEURON, so ``parse`` runs in a
worker process unless NEURON already lives in this one; its tree is copied at once and never kept.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import Any, get_args

from jxneuron.errors import Finding, NmodlError, Unsupported
from jxneuron.nmodl.frontend import nocmodl as translator
from jxneuron.nmodl.frontend import verbatim
from jxneuron.nmodl.frontend.include import source_lines
from jxneuron.nmodl.frontend.statements import IGNORED, MANUAL, Statements, import_grammar, nmodl_text
from jxneuron.nmodl.frontend.tokens import (
    LARGEST_INT,
    LONGEST_LINE,
    blank_out_comments,
    find_broken_title,
    find_closed_inside,
    find_dropped,
    find_foreign,
    find_too_long,
    find_unclosed,
    scan,
    split_c_tokens,
)
from jxneuron.nmodl.syntax import nodes as sx

BLOCKS: dict[str, sx.BlockKind] = {
    "ProcedureBlock": "PROCEDURE",
    "FunctionBlock": "FUNCTION",
    "KineticBlock": "KINETIC",
    "DerivativeBlock": "DERIVATIVE",
    "LinearBlock": "LINEAR",
    "NonLinearBlock": "NONLINEAR",
    "InitialBlock": "INITIAL",
    "BreakpointBlock": "BREAKPOINT",
}
KINDS: dict[str, sx.FileKind] = {kind: kind for kind in get_args(sx.FileKind)}
DECLARATIONS: dict[str, sx.DeclaringBlock] = {
    "ParamBlock": "PARAMETER",
    "AssignedBlock": "ASSIGNED",
    "StateBlock": "STATE",
    "ConstantBlock": "CONSTANT",
}
JOINED = ("InitialBlock", "BreakpointBlock")  # one after the other, each with LOCALs of its own
MOST_NAMES = 30_000  # the largest published file has 1,400; beyond this a translation takes minutes
DISCRETE = "DISCRETE block (NEURON's translator advances the time once more for each instance that it solves)"
ONLY_GRAMMAR = "NEURON's translator takes this, the grammar that jxneuron reads with does not"
NEURONS = ("t", "dt", "celsius")  # NEURON's own, which need no EXTERNAL
OWN_VALUE = "Declare it in PARAMETER instead, with the value that it has there, if that does not change."
OTHERWISE = "Write it in another way."
CORRECT = "Correct it until nrnivmodl takes the file."
REFUSED_BLOCKS = {
    "PartialBlock": "PARTIAL block",
}


def parse(text: str, file: str) -> sx.File:
    """Parse ``text``; ``file`` names it in messages.

    Raises:
        NmodlError: the text is wrong: NEURON's translator does not take it.
        Unsupported: it does, and the grammar does not; or the text is too long.
    """
    where = source_lines(text, file)
    tokens = scan(text)
    if len(tokens.names) > MOST_NAMES:
        what = f"{len(tokens.names):,} names and keywords: files with more than {MOST_NAMES:,} are not read"
        raise Unsupported([Finding(file, what, "Split the mechanism, or leave it out (--without).")])
    wrong = _before_parsing(text, where)
    if wrong:
        raise NmodlError(wrong)
    answer = translator.ask(text)
    if answer.late:
        what = f"NEURON's translator did not answer within {translator.SECONDS:g} s"
        raise Unsupported([Finding(file, what, OTHERWISE)])
    place = where.at(answer.line) if answer.line else file
    stops = (Finding(place, f"NEURON's translator stops: {answer.stops}", CORRECT),) if answer.stops else ()
    try:
        parsed = _Converter(where, tokens).file(_tree(text))
    except Exception as error:
        lost = [Finding(where.at(line), what, "Write it on the next line.") for what, line in _lost(text)]
        finding = _syntax_error(str(error), where) if isinstance(error, RuntimeError) else _unreadable(error, file)
        if stops:
            raise NmodlError([finding, *lost]) from None
        raise Unsupported([replace(finding, found=f"{ONLY_GRAMMAR}: {finding.found}", way_out=OTHERWISE)]) from None
    return replace(parsed, notes=tuple(_lost(text)), stops=stops, vectorized=answer.threadsafe)


def _tree(text: str) -> Any:
    tree = import_grammar().NmodlDriver().parse_string(blank_out_comments(text) + "\n")
    if tree is None:
        raise RuntimeError("the text is not NMODL")
    return tree


def _visible(character: str) -> str:
    return character if character.isprintable() else f"the character U+{ord(character):04X}"


def _unreadable(error: Exception, file: str) -> Finding:
    return Finding(file, f"the grammar's tree cannot be read: {error!r}")


def _lost(text: str) -> list[tuple[str, int]]:
    return [(f"NEURON's translator drops what follows ENDVERBATIM: {rest}", line) for rest, line in find_dropped(text)]


def _before_parsing(text: str, where: sx.SourceLines) -> list[Finding]:
    """Return findings that the grammar's parser would word less clearly, or does not make."""
    findings = [
        Finding(
            where.at(line), f"{_visible(character)} is not ASCII: NEURON's translator stops there", "Write it in ASCII."
        )
        for character, line in find_foreign(text)
    ]
    findings += [
        Finding(where.at(token.line), "EQUATION: NEURON's translator does not know it", "Call it BREAKPOINT.")
        for token in scan(text).names
        if token.text == "EQUATION"
    ]
    findings += [
        Finding(
            where.at(n), f"a line of {size} characters: NEURON's translator stops beyond {LONGEST_LINE}", "Break it."
        )
        for n, size in find_too_long(text)
    ]
    line = find_unclosed(text)
    if line:
        what = "COMMENT or VERBATIM goes to the end of the file"
        findings.append(Finding(where.at(line), what, "Begin a line with ENDCOMMENT or ENDVERBATIM."))
    line = find_closed_inside(text)
    if line:
        what = "ENDVERBATIM inside a line of C: NEURON's translator goes on to a line that begins with it"
        findings.append(Finding(where.at(line), what, "Begin a line with ENDVERBATIM."))
    line = find_broken_title(text)
    if line:
        what = "this TITLE does not compile: NEURON's translator writes it between quotes as it stands"
        findings.append(Finding(where.at(line), what, 'Write it without " and without a backslash at its end.'))
    return findings


def _syntax_error(message: str, where: sx.SourceLines) -> Finding:
    """Read ``NMODL Parser Error : what [Location : line.column]`` and the source line as one finding."""
    head, _, tail = message.partition("[Location :")
    line = tail.strip().partition(".")[0]
    shown = [text.strip() for text in tail.splitlines()[1:2] if text.strip(" -^")]
    what = head.rpartition("Error :")[2].strip() or "syntax error"
    return Finding(where.at(int(line)) if line.isdigit() else where.file, ": ".join([what, *shown]))


class _Converter(Statements):
    """Walks the tree of neuron.nmodl in the order of the source and copies it."""

    # --- the file

    def file(self, tree: Any) -> sx.File:
        """Copy the whole tree."""
        lists: dict[str, list[Any]] = {k: [] for k in ("declared", "blocks", "refused", "units", "ions")}
        heads: dict[str, Any] = {}
        for node in tree.blocks:
            self.top(node, lists, heads)
        heads.setdefault(
            "suffix", PurePath(self.source_lines.file).stem
        )  # nocmodl's own name for a mechanism without one
        return sx.File(
            source_lines=self.source_lines,
            defines=tuple(self.defines.items()),
            c_names=frozenset(self.c_names),
            **{key: tuple(value) for key, value in lists.items()},
            **heads,
        )

    def top(self, node: Any, lists: dict[str, list[Any]], heads: dict[str, Any]) -> None:
        """Add one item at file scope to the lists and heads."""
        kind = node.get_node_type_name()
        if kind in IGNORED:
            return
        if kind == "NeuronBlock":
            self.neuron(node, lists, heads)
        elif kind == "UnitBlock":
            lists["units"] += [self.unit(d) for d in node.definitions]
        elif kind in DECLARATIONS:
            lists["declared"] += self.declarations(node, kind)
        elif kind == "Define":
            name = self.text(node.name)
            line = self.at(name)
            if name in self.defines:
                what = f"{name} is DEFINEd twice (NEURON's translator stops there)"
                lists["refused"].append(sx.Refused(what, "DEFINE it once.", line))
            self.defines[name] = int(node.value.value)
        elif kind == "LocalListStatement":
            lists["declared"] += [self.local(v) for v in node.variables]
        elif kind in JOINED and any(block.kind == BLOCKS[kind] for block in lists["blocks"]):
            lists["blocks"] = [self.joined(block, node, BLOCKS[kind]) for block in lists["blocks"]]
        elif kind in BLOCKS:
            lists["blocks"].append(self.block(node, BLOCKS[kind]))
        elif kind in ("BeforeBlock", "AfterBlock"):
            self.moment(node, f"{kind.removesuffix('Block').upper()} {node.bablock.type.eval()}", lists)
        elif kind == "NetReceiveBlock":
            lists["blocks"] += self.net_receive(node)
        elif kind == "FunctionTableBlock":
            lists["blocks"].append(self.function_table(node))
        elif kind == "DiscreteBlock":
            line = self.keyword("DISCRETE")
            self.skip_verbatim(node)
            way_out = "SOLVE a PROCEDURE that holds the same statements."
            lists["refused"].append(sx.Refused(DISCRETE, way_out, line, (self.text(node.name), *_assigned(node))))
        elif kind in ("ConstructorBlock", "DestructorBlock"):
            lists["refused"] += self.outside_the_run(node, kind.removesuffix("Block").upper())
        elif kind == "Verbatim":
            lists["refused"] += self.top_verbatim(node)
        elif kind in REFUSED_BLOCKS:
            what = REFUSED_BLOCKS[kind]
            line = self.keyword(what.split()[0])
            self.skip_verbatim(node)
            lists["refused"].append(sx.Refused(what, MANUAL, line, _assigned(node)))
        else:
            lists["refused"].append(sx.Refused(f"{kind} at file scope", MANUAL, self.at(""), _assigned(node)))

    def outside_the_run(self, node: Any, kind: str) -> list[sx.Refused]:
        """Refuse a CONSTRUCTOR that does something; no run sees what a DESTRUCTOR does."""
        line = self.keyword(kind)
        texts = [s for s in self.statements(node.statement_block) if not _does_nothing(s)]
        return (
            [sx.Refused("CONSTRUCTOR block", "Do in INITIAL what it does.", line)] if texts and kind[0] == "C" else []
        )

    def moment(self, node: Any, kind: str, lists: dict[str, list[Any]]) -> None:
        """Add a BEFORE or AFTER block, or refuse one that NEURON does not run."""
        if kind not in sx.MOMENTS:
            lists["refused"].append(
                sx.Refused(kind, "NEURON does not run it: leave it out.", self.keyword(kind.split()[0]))
            )
        elif any(block.kind == kind for block in lists["blocks"]):
            lists["blocks"] = [self.joined(block, node, kind) for block in lists["blocks"]]
        else:
            lists["blocks"].append(self.block(node, kind))

    def top_verbatim(self, node: Any) -> list[sx.Refused]:
        """Refuse C code at file scope, unless NMODL sees nothing of it."""
        statement = self.verbatim_statement(node)
        if verbatim.declares_only(statement.text, self.known):
            return []
        return [replace(verbatim.refuse(statement), names=tuple(dict.fromkeys(split_c_tokens(statement.text))))]

    def neuron(self, node: Any, content: dict[str, list[Any]], heads: dict[str, Any]) -> None:
        """Add what the NEURON block says."""
        lists = {"Range": "ranges", "Global": "globals", "Nonspecific": "nonspecific", "ElectrodeCurrent": "electrode"}
        heads.update({key: heads.get(key, ()) for key in (*lists.values(), "pointers", "opaque", "random")})
        for s in node.statement_block.statements:
            kind = s.get_node_type_name()
            if kind == "Suffix":
                heads["kind"], heads["suffix"] = KINDS[self.text(s.type)], self.text(s.name)
                self.at(heads["suffix"])
            elif kind in lists:
                names = s.currents if kind in ("Nonspecific", "ElectrodeCurrent") else s.variables
                heads[lists[kind]] += tuple((self.text(v.name), self.at(self.text(v.name))) for v in names)
            elif kind == "Useion":
                content["ions"].append(self.ion(s))
            elif kind == "Pointer":
                heads["pointers"] += tuple((self.text(v.name), self.at(self.text(v.name))) for v in s.variables)
            elif kind == "BbcorePointer":
                heads["opaque"] += tuple((self.text(v.name), self.at(self.text(v.name))) for v in s.variables)
            elif kind == "RandomVarList":
                heads["random"] += tuple((self.text(v.name), self.at(self.text(v.name))) for v in s.variables)
            elif kind == "External":
                for name in (self.text(v.name) for v in s.variables):
                    line = self.at(name)
                    if name not in NEURONS:
                        content["refused"].append(sx.Refused(f"EXTERNAL {name}", OWN_VALUE, line, (name,)))
            elif kind == "ThreadSafe":
                heads["threadsafe"] = True
            elif kind not in IGNORED:
                content["refused"].append(sx.Refused(f"{kind} in the NEURON block", MANUAL, self.at("")))

    def ion(self, node: Any) -> sx.Ion:
        """Copy a USEION."""
        name = self.text(node.name)
        line = self.at(name)
        reads = tuple(self.text(v.name) for v in node.readlist)
        writes = tuple(self.text(v.name) for v in node.writelist)
        valence = None
        if node.valence is not None:
            valence = float(nmodl_text(node.valence).split()[-1])
        for variable in (*reads, *writes):
            self.at(variable)
        return sx.Ion(name, reads, writes, valence, line)

    def unit(self, node: Any) -> sx.UnitDefinition:
        """Copy a definition in UNITS: of a unit, or of a constant."""
        if node.get_node_type_name() == "UnitDef":
            first = _unit(node.unit1)
            word = next((w for w in _words(first)), "")
            return sx.UnitDefinition(first, _unit(node.unit2), line=self.at(word))
        name = self.text(node.name)
        line = self.at(name)
        value = float(node.value.value) if node.value is not None else None
        target = _unit(node.unit2) if node.unit2 is not None else None
        return sx.UnitDefinition(name, _unit(node.unit1), target or "", value, line)

    def declarations(self, node: Any, kind: str) -> list[sx.Declared]:
        """Copy the declarations of one block."""
        if kind == "ParamBlock":
            return [self.parameter(n) for n in node.statements if n.get_node_type_name() == "ParamAssign"]
        if kind == "ConstantBlock":
            return [self.constant(n.constant) for n in node.statements if n.get_node_type_name() == "ConstantStatement"]
        return [
            self.assigned(n, DECLARATIONS[kind])
            for n in node.definitions
            if n.get_node_type_name() == "AssignedDefinition"
        ]

    def parameter(self, node: Any) -> sx.Declared:
        """Copy a PARAMETER."""
        name, size = self.sized(node.name)
        line = self.at(name)
        value = float(nmodl_text(node.value)) if node.value is not None else None
        lower = float(nmodl_text(node.limit.min)) if node.limit is not None else None
        upper = float(nmodl_text(node.limit.max)) if node.limit is not None else None
        return sx.Declared(name, "PARAMETER", _unit(node.unit), size, value, lower, upper, line)

    def constant(self, node: Any) -> sx.Declared:
        """Copy a CONSTANT."""
        name = self.text(node.name)
        return sx.Declared(name, "CONSTANT", _unit(node.unit), value=float(nmodl_text(node.value)), line=self.at(name))

    def assigned(self, node: Any, block: sx.DeclaringBlock) -> sx.Declared:
        """Copy a name of ASSIGNED or STATE."""
        name = self.text(node.name)
        size = self.integer(node.length) or sx.NO_ELEMENT if node.length is not None else 0
        start = float(nmodl_text(node.start)) if node.start is not None else None
        return sx.Declared(name, block, _unit(node.unit), size, start, line=self.at(name))

    def local(self, node: Any) -> sx.Declared:
        """Copy a LOCAL at file scope."""
        name, size = self.sized(node.name)
        return sx.Declared(name, "LOCAL", size=size, line=self.at(name))

    @staticmethod
    def text(node: Any) -> str:
        return node.get_node_name() if not hasattr(node, "eval") else str(node.eval())


def _assigned(node: Any) -> tuple[str, ...]:
    return verbatim.find_assigned(nmodl_text(node))


def _does_nothing(s: sx.Statement) -> bool:
    return isinstance(s, sx.Verbatim) and set(split_c_tokens(s.text)) <= {"{", "}", ";"}


def _unit(node: Any) -> str:
    """Return a unit's text without the point that ``tokens`` writes after whole numbers too large for the grammar."""
    text = node.get_node_name() if node is not None else ""
    whole, point, rest = text.partition(".")
    return whole + rest if point and not rest[:1].isdigit() and len(whole.strip(" -")) >= len(LARGEST_INT) else text


def _words(text: str) -> list[str]:
    return "".join(c if c.isalnum() or c == "_" else " " for c in text).split()

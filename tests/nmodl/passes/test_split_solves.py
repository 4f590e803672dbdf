"""SOLVE leaves its branch; everything else stays where it is."""

from jxneuron.nmodl.passes.split_solves import split_solves
from jxneuron.nmodl.syntax.unparse import unparse_body
from tests.nmodl.passes.equations import block, read


def test_solves_and_the_rest():
    body = """
        a = 1
        SOLVE f
        IF (a > 1) {
            SOLVE g METHOD euler
            b = 1
        } ELSE {
            CONDUCTANCE p
            c = 2
        }
        """
    solves, rest = split_solves(read(block("BREAKPOINT", body)).blocks["BREAKPOINT"].body)
    assert unparse_body(solves) == ["SOLVE f", "SOLVE g METHOD euler"]
    assert unparse_body(rest) == ["a = 1", "IF (a > 1) {", "    b = 1", "} ELSE {", "    c = 2", "}"]

"""A KINETIC block begins with its COMPARTMENTs."""

from tests.nmodl.passes.equations import check

BODY = "~ m <-> n (p, q)\nCOMPARTMENT a {m}\nb = 1\nCOMPARTMENT b {n}"


def test_they_keep_their_order_and_so_does_the_rest():
    expected = "COMPARTMENT a {m}\nCOMPARTMENT b {n}\n~ m <-> n (p, q)\nb = 1"
    check("compartments_first", BODY, expected, "KINETIC k")

"""Every block runs to its end."""

from tests.nmodl.passes.equations import check

RETURN = "VERBATIM\nreturn 0;\nENDVERBATIM"


def test_what_follows_is_left_out():
    check("early_return", f"a = 1\n{RETURN}\nb = 2", "a = 1")


def test_what_follows_an_if_moves_to_the_side_that_does_not_return():
    check(
        "early_return",
        f"IF (a > 1) {{\nb = 1\n{RETURN}\n}}\nc = 2\nd = 3",
        "IF (a > 1) {\n    b = 1\n} ELSE {\n    c = 2\n    d = 3\n}",
    )
    check(
        "early_return",
        f"IF (a > 1) {{\nb = 1\n}} ELSE {{\nb = 2\n{RETURN}\n}}\nc = 2",
        "IF (a > 1) {\n    b = 1\n    c = 2\n} ELSE {\n    b = 2\n}",
    )


def test_a_return_inside_two_ifs():
    check(
        "early_return",
        f"IF (a > 1) {{\nIF (a > 2) {{\n{RETURN}\n}}\nb = 1\n}}\nc = 2",
        """
        IF (a > 1) {
            IF (a > 2) {
            } ELSE {
                b = 1
                c = 2
            }
        } ELSE {
            c = 2
        }
        """,
    )


def test_a_return_inside_a_loop_is_refused():
    loop = f"FROM k = 0 TO 2 {{\na = k\n{RETURN}\n}}\nb = 1"
    check("early_return", f"c = 1\n{loop}", "c = 1\n: refused: return inside a loop")

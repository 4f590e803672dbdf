"""Equations, and reactions under a constant IF, are outside loops whose bounds are numbers."""

from tests.nmodl.passes.equations import check


def test_equations_of_every_turn():
    check(
        "unroll",
        """
        FROM k = 0 TO SIZE - 1 {
            a = k
            ~ s[k] - k * p = x[k + 1]
        }
        """,
        """
        a = 0
        ~ s[0] - 0 * p = x[1]
        a = 1
        ~ s[1] - 1 * p = x[2]
        a = 2
        ~ s[2] - 2 * p = x[3]
        """,
        "LINEAR l",
    )


def test_by_and_a_known_side_of_an_if():
    check(
        "unroll",
        """
        FROM k = 0 TO 2 BY 2 {
            IF (k == 0) {
                ~ s[k] = 1
            } ELSE {
                ~ s[k] = s[k - 1]
            }
        }
        ~ s[1] = 2
        """,
        """
        ~ s[0] = 1
        ~ s[2] = s[1]
        ~ s[1] = 2
        """,
        "NONLINEAR l",
    )


def test_a_loop_without_equations_stays_and_so_does_an_if_of_the_run():
    body = """
        FROM k = 0 TO 2 {
            y[k] = k
        }
        IF (a > 1) {
            ~ m = 1
        } ELSE {
            ~ m = 2
        }
        """
    check("unroll", body, body, "LINEAR l")


def test_reactions_under_a_constant_if():
    check(
        "unroll",
        """
        FROM k = 0 TO 1 {
            IF (k < 1) {
                ~ s[k] <-> s[k + 1] (p, q)
            } ELSE {
                ~ s[k] <-> s[0] (q, p)
            }
        }
        """,
        """
        ~ s[0] <-> s[1] (p, q)
        ~ s[1] <-> s[0] (q, p)
        """,
        "KINETIC k",
    )


def test_reactions_of_a_loop_without_if_stay():
    body = """
        FROM k = 0 TO 1 {
            ~ s[k] <-> s[k + 1] (p, q)
        }
        """
    check("unroll", body, body, "KINETIC k")

"""Calls that change variables come in C++'s order."""

import pytest

from tests.nmodl.passes.equations import after, block

BUMP = "FUNCTION bump(u) {\n    a = a + u\n    bump = a\n}\n"


def check(before: str, expected: str) -> None:
    assert (
        after("order_effects", BUMP + block("PROCEDURE p()", before)) == f"{BUMP}\n{block('PROCEDURE p()', expected)}"
    )


@pytest.mark.parametrize(
    "text", ["b = bump(1)*2 - bump(2)", "b = 10 * bump(1) + a", "p = 1", "IF (bump(1) > 2) {\n    b = 1\n}"]
)
def test_nothing_changes_where_the_calls_can_run_first(text: str) -> None:
    check(text, text.replace("(1)*2", "(1) * 2"))


def test_what_stands_left_of_a_call_is_read_before_it() -> None:
    check(
        "b = a + c*bump(1)", "LOCAL before_1, before_2\nbefore_1 = a\nbefore_2 = bump(1)\nb = before_1 + c * before_2"
    )


def test_the_right_side_of_and_is_evaluated_where_the_left_one_holds() -> None:
    check(
        "IF (c > 1 && bump(1) > 2) {\n    b = 1\n}",
        """
        LOCAL before_1, before_2
        before_1 = c > 1
        IF (before_1) {
            before_2 = bump(1)
            before_1 = before_2 > 2
        }
        IF (before_1) {
            b = 1
        }
        """,
    )


def test_the_right_side_of_or_is_evaluated_where_the_left_one_does_not_hold() -> None:
    check(
        "b = c || bump(1)",
        """
        LOCAL before_1, before_2
        before_1 = c != 0
        IF (!before_1) {
            before_2 = bump(1)
            before_1 = before_2 != 0
        }
        b = before_1
        """,
    )


def test_while_evaluates_its_condition_before_each_turn() -> None:
    check(
        "WHILE (bump(1) < 4) {\n    b = 1\n}",
        """
        LOCAL before_1
        before_1 = bump(1) < 4
        WHILE (before_1) {
            b = 1
            before_1 = bump(1) < 4
        }
        """,
    )


@pytest.mark.parametrize(
    "text", ["b = pow(bump(1), bump(2))", "b = pow(a, bump(2))", "b = bump(bump(1)) + pow(bump(1), a)"]
)
def test_an_order_of_arguments_that_shows_is_refused(text: str) -> None:
    what = "two arguments of one call, of which one changes what the other sets or reads"
    check(text, f": refused: {what} (C++ leaves open which comes first)")

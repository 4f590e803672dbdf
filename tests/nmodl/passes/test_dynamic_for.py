"""A FROM whose bounds only the run knows is a WHILE."""

import pytest

from tests.nmodl.passes.equations import check


def test_bounds_are_cut_towards_zero_once_before_the_first_turn():
    check(
        "dynamic_for",
        "FROM k = a TO b + 1 BY 2 {\n    c = c + k\n}",
        """
        LOCAL k_turn8, k_last8
        k_turn8 = a - fmod(a, 1)
        k_last8 = b - fmod(b, 1) + 1
        WHILE (k_turn8 <= k_last8) {
            c = c + k_turn8
            k_turn8 = k_turn8 + 2
        }
        """,
    )


def test_a_quotient_of_bounds_is_cut_as_a_whole():
    check(
        "dynamic_for",
        "FROM k = 0 TO a / 2 {\n    c = k\n}",
        """
        LOCAL k_turn8, k_last8
        k_turn8 = 0
        k_last8 = (a - fmod(a, 1)) / 2 - fmod((a - fmod(a, 1)) / 2, 1)
        WHILE (k_turn8 <= k_last8) {
            c = k_turn8
            k_turn8 = k_turn8 + 1
        }
        """,
    )


@pytest.mark.parametrize(
    "loop",
    [
        "FROM k = 0 TO SIZE - 1 {\n    c = k\n}",
        "LOCAL w\nw = 3\nFROM k = w TO 4 {\n    c = k\n}",
        "FROM k = 0 TO 3 {\n    FROM j = k TO 3 {\n        c = j\n    }\n}",
    ],
)
def test_bounds_that_are_known_stay(loop):
    check("dynamic_for", loop, loop.replace("SIZE", "3"))


def test_a_loop_inside_a_loop_and_an_if():
    check(
        "dynamic_for",
        "IF (a > 1) {\nFROM k = 0 TO 2 {\nFROM j = 1 TO a {\nx[k] = j\n}\n}\n}",
        """
        LOCAL j_turn10, j_last10
        IF (a > 1) {
            FROM k = 0 TO 2 {
                j_turn10 = 1
                j_last10 = a - fmod(a, 1)
                WHILE (j_turn10 <= j_last10) {
                    x[k] = j_turn10
                    j_turn10 = j_turn10 + 1
                }
            }
        }
        """,
    )

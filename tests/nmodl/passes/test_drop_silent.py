"""Calls that change nothing with a fixed step are gone."""

from tests.nmodl.passes.equations import check


def test_at_time_and_printf_as_statements():
    check(
        "drop_silent",
        """
        at_time(a)
        a = 1
        IF (a > 1) {
            printf("a")
            b = at_time(2)
        } ELSE {
            at_time(c)
        }
        exp(a)
        """,
        """
        a = 1
        IF (a > 1) {
            b = at_time(2)
        }
        exp(a)
        """,
    )

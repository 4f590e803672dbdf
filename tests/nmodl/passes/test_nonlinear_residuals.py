"""A NONLINEAR block sets what is left of each equation, as the slope of a state."""

from tests.nmodl.passes.equations import check


def test_each_equation_is_right_minus_left_under_the_name_of_a_state():
    check(
        "nonlinear_residuals",
        "a = m\n~ m * m = n - p\n~ n = a",
        "a = m\nm' = n - p - m * m\nn' = a - n",
        "NONLINEAR f",
    )
    check(
        "nonlinear_residuals",
        "FROM k = 0 TO 2 {\n~ s[k] * k = p - q\n}",
        "s'[0] = p - q - s[0] * 0\ns'[1] = p - q - s[1] * 1\ns'[2] = p - q - s[2] * 2",
        "NONLINEAR f",
    )


def test_a_block_with_too_few_equations_stays():
    check("nonlinear_residuals", "~ m * n = p", "~ m * n = p", "NONLINEAR f")


def test_a_linear_block_stays():
    check("nonlinear_residuals", "~ m = p", "~ m = p", "LINEAR f")

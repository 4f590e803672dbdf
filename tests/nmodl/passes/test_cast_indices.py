"""An index that only the run knows is cast to a whole number."""

from tests.nmodl.passes.equations import check


def test_a_variable_and_an_expression_of_variables():
    check("cast_indices", "a = x[b]\ny[c] = x[d]", "a = x[int(b)]\ny[int(c)] = x[int(d)]")
    check("cast_indices", "a = x[b + 1]", "a = x[int(b - fmod(b, 1) + 1)]")
    check("cast_indices", "a = x[b / 2]", "a = x[int((b - fmod(b, 1)) / 2 - fmod((b - fmod(b, 1)) / 2, 1))]")


def test_numbers_and_indices_of_loops_stay():
    body = "FROM k = 0 TO 2 {\n    a = x[k + 1] + x[2]\n}"
    check("cast_indices", body, body)
    check(
        "cast_indices",
        "FROM k = 0 TO 2 {\n    a = x[k + b]\n}\nc = x[d]",
        "FROM k = 0 TO 2 {\n    a = x[int(k + (b - fmod(b, 1)))]\n}\nc = x[int(d)]",
    )


def test_the_states_of_reactions_have_to_be_known():
    body = "~ s[a] <-> s[1] (x[int(b)], q)"
    check("cast_indices", body.replace("int(b)", "b"), body, "KINETIC k")

"""No loop index is called like another name."""

from tests.nmodl.passes.equations import check


def test_an_index_that_hides_a_variable_gets_a_name_of_its_own():
    check(
        "scope_indices",
        """
        FROM a = 0 TO 3 {
            x[a] = a + b
        }
        b = a
        """,
        """
        FROM a_index1 = 0 TO 3 {
            x[a_index1] = a_index1 + b
        }
        b = a
        """,
    )


def test_an_inner_index_that_hides_the_outer_one_gets_a_name_of_its_own():
    check(
        "scope_indices",
        """
        FROM k = 0 TO 3 {
            FROM k = 0 TO 2 {
                y[k] = k
            }
            x[k] = k
        }
        """,
        """
        FROM k = 0 TO 3 {
            FROM k_index1 = 0 TO 2 {
                y[k_index1] = k_index1
            }
            x[k] = k
        }
        """,
    )


def test_bounds_mean_what_is_outside_the_loop():
    check(
        "scope_indices",
        "FROM c = a TO c {\n    b = c\n}",
        "FROM c_index1 = a TO c {\n    b = c_index1\n}",
    )


def test_an_index_of_compartment_that_hides_an_argument_gets_a_name_of_its_own():
    check(
        "scope_indices",
        """
        COMPARTMENT a, x[a] * b {s}
        ~ s[0] <-> s[1] (p, q)
        """,
        """
        COMPARTMENT a_index1, x[a_index1] * b {s}
        ~ s[0] <-> s[1] (p, q)
        """,
        "KINETIC k",
    )


def test_another_index_stays():
    text = "FROM k = 0 TO 3 {\n    x[k] = k\n}"
    check("scope_indices", text, text)

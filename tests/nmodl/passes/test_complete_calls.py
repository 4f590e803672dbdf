"""What nocmodl adds to a call is written out."""

from tests.nmodl.passes.equations import after, check


def test_at_time_is_true_in_the_step_that_passes_it():
    check("complete_calls", "a = at_time(b)", "a = b - 1e-11 <= t && b - 1e-11 > t - dt")
    check(
        "complete_calls", "IF (at_time(1)) {\n    a = 2\n}", "IF (1 - 1e-11 <= t && 1 - 1e-11 > t - dt) {\n    a = 2\n}"
    )


def test_nrn_ghk_has_the_temperature():
    check("complete_calls", "a = 2 * nrn_ghk(v, b, c, 2)", "a = 2 * nrn_ghk(v, b, c, 2, celsius)")


def test_other_calls_stay():
    check("complete_calls", "a = exp(fmod(b, 2))", "a = exp(fmod(b, 2))")


def test_a_procedure_that_is_assigned_is_called_and_leaves_0():
    before = "PROCEDURE q2(x) {\n    a = x\n}\n\nINITIAL {\n    IF (b) {\n        a = q2(3)\n    }\n}\n"
    assert after("complete_calls", before) == before.replace("a = q2(3)", "q2(3)\n        a = 0")

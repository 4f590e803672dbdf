"""Random numbers become FUNCTIONs that move their stream on."""

import pytest

from tests.nmodl.passes.equations import after, block

HEAD = "NEURON { RANDOM r, mean }\n"
IDS = "r_ids[0], r_ids[1], r_ids[2], r_ids[3]"


def drawn(text: str) -> tuple[str, str]:
    """The body of a PROCEDURE, and the FUNCTIONs that draw."""
    whole = after("draw_numbers", HEAD + block("PROCEDURE p()", text))
    body, _, functions = whole.partition("}\n")
    return body.removeprefix("PROCEDURE p() {\n").strip(), functions.strip()


def function(head: str, *lines: str) -> str:
    return block(f"FUNCTION {head}", "\n".join(lines)).strip()


UNIFORM = (f"random_uniform_r = random123.uniform(r, {IDS})", "r = r + 1")


@pytest.mark.parametrize("name", ["random_uniform", "random_dpick"])
def test_a_uniform_number_uses_one_word(name: str) -> None:
    lines = (line.replace("random_uniform", name) for line in UNIFORM)
    assert drawn(f"a = 2*{name}(r)") == (f"a = 2 * {name}_r()", function(f"{name}_r()", *lines))


def test_the_limits_are_arguments() -> None:
    own = "random_uniform_of_r"
    lines = (*(line.replace("random_uniform_r", own) for line in UNIFORM), f"{own} = low + {own} * (high - low)")
    assert drawn("a = random_uniform(r, 2, b)") == (f"a = {own}(2, b)", function(f"{own}(low, high)", *lines))


def test_an_exponential_number_is_a_logarithm() -> None:
    lines = [line.replace("uniform_r", "negexp_r") for line in UNIFORM]
    assert drawn("a = random_negexp(r)")[1] == function(
        "random_negexp_r()", *lines, "random_negexp_r = -log(random_negexp_r)"
    )


def test_an_argument_does_not_hide_the_stream() -> None:
    assert "FUNCTION random_negexp_of_mean(mean_index1) {" in drawn("a = random_negexp(mean, 3)")[1]


def test_a_normal_number_uses_the_first_pair_that_gives_one() -> None:
    own = "random_normal_of_r"
    lines = (
        "LOCAL pair",
        f"pair = random123.pair(r, {IDS})",
        "r = pair + 2",
        f"{own} = random123.normal(pair, {IDS})",
        f"{own} = mean + {own} * deviation",
    )
    assert drawn("a = random_normal(r, 1, 2)")[1] == function(f"{own}(mean, deviation)", *lines)


def test_two_calls_share_one_function() -> None:
    assert drawn("a = random_ipick(r)\nIF (random_ipick(r) > b) {\n    c = 1\n}")[1].count("FUNCTION") == 1


def test_the_sequence_is_set() -> None:
    assert drawn("random_setseq(r, 3)") == ("r = random123.sequence(3)", "")


def test_the_ids_are_set_with_the_sequence() -> None:
    body, _ = drawn("random_setids(r, 1, a, 3)\nrandom_setseq(r, 0)")
    assert body.split("\n    ") == [
        "r_ids[0] = floor(1)",
        "r_ids[1] = floor(a)",
        "r_ids[2] = floor(3)",
        "r = random123.sequence(0)",
    ]


@pytest.mark.parametrize("then", ["", "random_setseq(mean, 0)", "a = random_uniform(r)\nrandom_setseq(r, 0)"])
def test_ids_without_the_sequence_are_refused(then: str) -> None:
    """NEURON keeps the four numbers that it has computed: they are of the old ids."""
    body, _ = drawn(f"random_setids(r, 1, 2, 3)\n{then}")
    assert body.startswith(": refused: random_setids without random_setseq of the same stream right after it")

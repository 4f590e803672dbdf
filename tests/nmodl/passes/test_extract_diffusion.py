"""Each diffusing state has a block with its coefficient and volume."""

from tests.nmodl.passes.equations import after, block


def test_the_volume_is_that_of_its_compartment():
    before = """
        KINETIC k {
            COMPARTMENT j, x[j] * a {s}
            COMPARTMENT b {n}
            LONGITUDINAL_DIFFUSION i, p * x[i] {s}
            LONGITUDINAL_DIFFUSION q {n m}
            ~ n <-> m (p, q)
        }
        """
    assert after("extract_diffusion", before) == (
        "KINETIC k {\n    COMPARTMENT j, x[j] * a {s}\n    COMPARTMENT b {n}\n    ~ n <-> m (p, q)\n}\n"
        "\n"
        + diffusion("s(i)", "p * x[i]", "x[i] * a")
        + "\n"
        + diffusion("n(k)", "q", "b")
        + "\n"
        + diffusion("m(k)", "q", "1")
    )


def diffusion(head: str, coefficient: str, volume: str) -> str:
    values = f"coefficient = {coefficient}\nvolume = {volume}"
    return block(f"LONGITUDINAL_DIFFUSION {head}", f"LOCAL coefficient, volume\n{values}")

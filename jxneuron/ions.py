"""NEURON's ions (eion.cpp): the names of their variables, and the bits that say how concentrations are treated."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from jxneuron.mech.mechanism import IonUse

ION_SUFFIX = "_ion"  # NEURON's mechanism of the ion ca is ca_ion

# Bits of an ion's style, as the comment above ion_cur in eion.cpp lists them
CONCENTRATIONS = 0o3  # how concentrations are used: 0, READ, DEPENDS or STATE
INITIALISE_CONCENTRATIONS = 0o4  # from cai0_ca_ion and cao0_ca_ion
REVERSAL = 0o30  # how the reversal potential is used, likewise
INITIALISE_REVERSAL = 0o40  # by Nernst
ADVANCE_REVERSAL = 0o100  # by Nernst, before the currents of each step
WRITTEN_INSIDE = 0o200
WRITTEN_OUTSIDE = 0o400
WRITTEN = WRITTEN_INSIDE | WRITTEN_OUTSIDE
# The values of CONCENTRATIONS and REVERSAL beyond 0 (nrnocCONST, DEP, STATE)
READ, DEPENDS, STATE = 1, 2, 3


class IonNames(NamedTuple):
    """NMODL's names of an ion's variables; the fields are our names for them."""

    e: str  # eca
    inside: str  # cai
    outside: str  # cao
    current: str  # ica

    @property
    def concentrations(self) -> tuple[str, str]:
        """``cai`` and ``cao``."""
        return self.inside, self.outside


def ion_names(ion: str) -> IonNames:
    """Return the names of an ion's variables: ``eca``, ``cai``, ``cao``, ``ica``."""
    return IonNames(f"e{ion}", f"{ion}i", f"{ion}o", f"i{ion}")


def ion_variables(ion: str) -> dict[str, str]:
    """Map NMODL's names of an ion's variables to ours: ``{"eca": "e", "cai": "inside", ...}``."""
    return {theirs: ours for ours, theirs in ion_names(ion)._asdict().items()}


def promote(style: int, use: IonUse) -> int:
    """Return the style of an ion's instance once one more mechanism uses it there.

    As ``nrn_promote`` and ``nrn_check_conc_write`` in eion.cpp, with the arguments that nocmodl's ``ion_promote``
    passes them: a concentration that is used makes the reversal potential depend on it, unless a mechanism WRITEs it.
    """
    names = ion_names(use.name)
    inside, outside = (name in use.writes for name in names.concentrations)
    written = style & WRITTEN | inside * WRITTEN_INSIDE | outside * WRITTEN_OUTSIDE
    concentrations = STATE if inside or outside else READ * bool({*names.concentrations} & {*use.loads})
    reversal = STATE if names.e in use.writes else READ * (names.e in use.loads)
    if not concentrations and not reversal:
        return style | written
    concentrations = max(style & CONCENTRATIONS, concentrations)
    reversal = max((style & REVERSAL) >> 3, reversal, DEPENDS if concentrations else 0)
    by_nernst = concentrations and reversal == DEPENDS
    promoted = concentrations | reversal << 3 | written
    promoted |= INITIALISE_CONCENTRATIONS if concentrations == STATE else 0
    promoted |= ADVANCE_REVERSAL if concentrations == STATE and by_nernst else 0
    return promoted | (INITIALISE_REVERSAL if by_nernst else 0)


def style_arguments(style: int) -> tuple[int, int, int, int, int]:
    """Return c_style, e_style, einit, eadvance and cinit, the arguments that make hoc's ``ion_style`` set a style."""
    flags = (INITIALISE_REVERSAL, ADVANCE_REVERSAL, INITIALISE_CONCENTRATIONS)
    einit, eadvance, cinit = (int(bool(style & flag)) for flag in flags)
    return style & CONCENTRATIONS, (style & REVERSAL) >> 3, einit, eadvance, cinit

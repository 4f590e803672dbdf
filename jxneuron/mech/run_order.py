"""The order in which NEURON runs the mechanisms of a model within each phase (``nrn_writes_conc`` in init.cpp)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from jxneuron.mech.mechanism import Mechanism

# NEURON registers these before its ions, and moves nothing in front of them
BEFORE_IONS = ("pas", "extracellular")


def run_order(names: Iterable[str], mechanisms: Mapping[str, Mechanism]) -> list[str]:
    """Sort mechanisms as NEURON runs them: ``pas``, writers of a concentration, the others, artificial cells.

    Args:
        names: in order of registration; writers run in reverse of it, as each is put in front of those before it.
        mechanisms: by name.
    """
    registered = list(names)
    first = [name for name in BEFORE_IONS if name in registered]
    later = [name for name in registered if name not in first]
    writers = [name for name in later if mechanisms[name].writes_concentration]
    artificial = [name for name in later if mechanisms[name].kind == "artificial"]
    others = [name for name in later if name not in writers and name not in artificial]
    return [*first, *reversed(writers), *others, *artificial]

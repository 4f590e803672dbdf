"""Our own run of an imported model, in a child process that never meets NEURON.

In: a request ``{model}``, the path of a saved model. Out: ``traces.npz`` (t, records, middles, spikes) and an answer
with names, seconds, and the numbers of the sources of each train of spikes.
"""

from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import Any

import numpy as np

from jxneuron.child import process
from jxneuron.compare import picture
from jxneuron.files import cache_folder
from jxneuron.model.model import Model, Probe


def main() -> None:
    """Entry of the child process."""
    process.serve(run)


def run(request: dict[str, Any], folder: Path) -> dict[str, Any]:
    """Open the model and run it as its settings say, with a probe in the middle of the sections to draw.

    Args:
        request: ``model``: the saved model's path.
        folder: where ``traces.npz`` goes.
    """
    import jax

    from jxneuron.model import file
    from jxneuron.modules.simulate import run_model

    jax.config.update("jax_enable_x64", True)
    _keep_compiled()
    model = file.open(request["model"])
    middles = middle_probes(model)
    result = run_model(dataclasses.replace(model, probes=(*model.probes, *middles.values())))
    values = {name: np.asarray(trace, float) for name, trace in result.records.items()}
    recorded = {} if model.events is None else model.events.recorded
    np.savez(
        folder / "traces.npz",
        t=np.asarray(result.t, float),
        records=np.array([values[probe.name] for probe in model.probes]),
        middles=np.array([values[probe.name] for probe in middles.values()]),
        spikes=np.concatenate([np.zeros(0), *(result.spikes[name] for name in recorded)]),
    )
    return {
        "records": [probe.name for probe in model.probes],
        "middles": list(middles),
        "trains": [[own.tolist(), len(result.spikes[name])] for name, own in recorded.items()],
        "seconds": {name: float(seconds) for name, seconds in result.seconds.items()},
        "notes": [dataclasses.asdict(note) for note in result.notes],
    }


def _keep_compiled() -> None:
    """Compile a model once, not at each comparison, unless the user's own settings say where."""
    import jax

    if "JAX_COMPILATION_CACHE_DIR" not in os.environ:
        jax.config.update("jax_compilation_cache_dir", str(cache_folder() / "jax"))


def middle_probes(model: Model) -> dict[str, Probe]:
    """A voltage probe in the middle of the sections that the picture shows, by section name."""
    start = 0.0 if model.initial is None else model.initial.t
    count = picture.steps(start, model.settings.tstop, model.settings.dt)
    wanted = set(picture.chosen([section.name for section in model.sections], count))
    return {
        section.name: Probe(f"middle of {section.name}", "v", section.centres[section.nseg // 2])
        for section in model.sections
        if section.name in wanted
    }

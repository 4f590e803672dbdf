"""One optax optimiser for each entry of ``get_parameters``, chosen by the parameter's name."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from jxneuron.errors import ModelError
from jxneuron.wording import did_you_mean


class TypeOptimizer:
    """Parameters of different sizes (1e-4 S/cm2 beside 5000 ohm cm) each moved by an optimiser of their own.

    Args:
        optimizer: makes an optax ``GradientTransformation`` of what ``optimizer_args`` holds for a name
            (``optax.adam`` of a learning rate).
        optimizer_args: by name of a parameter; names that are not trained do no harm.
        opt_params: as ``get_parameters`` returns them; only their names count.

    Raises:
        ModelError: ``optimizer_args`` lacks a parameter, or an entry of ``opt_params`` holds not exactly one.
    """

    def __init__(
        self,
        optimizer: Callable[[Any], Any],
        optimizer_args: Mapping[str, Any],
        opt_params: Sequence[Mapping[str, Any]],
    ) -> None:
        names = [_name(k, each) for k, each in enumerate(opt_params)]
        missing = sorted({name for name in names if name not in optimizer_args})
        if missing:
            hint = did_you_mean(missing[0], optimizer_args)
            raise ModelError(f"optimizer_args says nothing about {', '.join(missing)}{hint}")
        self.optimizers = [{name: optimizer(optimizer_args[name])} for name in names]

    def init(self, opt_params: Sequence[Mapping[str, Any]]) -> list[Any]:
        """The first state of each optimiser.

        Raises:
            ModelError: not the parameters that this was made for.
        """
        return [own.init(given) for own, given in self._paired("opt_params", opt_params)]

    def update(self, gradient: Sequence[Mapping[str, Any]], opt_state: Sequence[Any], opt_params: Any = None) -> Any:
        """What to add to the parameters (``optax.apply_updates``), and the next state.

        Args:
            gradient: of the form of ``opt_params``.
            opt_state: from ``init`` or the last ``update``.
            opt_params: the present parameters, for optimisers that look at them (weight decay).

        Raises:
            ModelError: not the parameters that this was made for.
        """
        present = [None] * len(self.optimizers) if opt_params is None else opt_params
        pairs = self._paired("gradient", gradient)
        moved = [
            own.update(each, state, now) for (own, each), state, now in zip(pairs, opt_state, present, strict=True)
        ]
        return [updates for updates, _ in moved], [state for _, state in moved]

    def _paired(self, what: str, given: Sequence[Mapping[str, Any]]) -> list[tuple[Any, Mapping[str, Any]]]:
        expected = [list(each) for each in self.optimizers]
        if [list(each) for each in given] != expected:
            found = ", ".join(name for each in given for name in each) or "nothing"
            wanted = ", ".join(name for names in expected for name in names)
            raise ModelError(f"{what} holds {found}; this optimiser was made for {wanted}")
        return [(next(iter(own.values())), each) for own, each in zip(self.optimizers, given, strict=True)]


def _name(k: int, entry: Mapping[str, Any]) -> str:
    if len(entry) != 1:
        raise ModelError(f"opt_params[{k}] holds {', '.join(entry) or 'nothing'}: each entry holds one parameter")
    return next(iter(entry))

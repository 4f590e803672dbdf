"""What a hand-written channel must say, and what is said where it does not."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import jxneuron as jx
from jxneuron.channels import HH, Channel, K, Na


class Slow(Channel):
    """A gate, and a current in the unit that is asked for."""

    def __init__(self, name: str | None = None, milli: bool = True) -> None:
        self.current_is_in_mA_per_cm2 = milli
        super().__init__(name)
        self.channel_params = {f"{self.name}_g": 1e-3 if milli else 1.0}
        self.channel_states = {f"{self.name}_x": 0.5}
        self.current_name = f"i_{self.name}"

    def update_states(self, params: Any, voltage: Any, delta_t: Any, states: Any) -> Any:
        """Arguments in another order and the other spelling."""
        del params
        x = states[f"{self.name}_x"]
        return {f"{self.name}_x": x + delta_t * (0.01 * (voltage + 65.0) - x) / 5.0}

    def compute_current(self, v: Any, states: Any, params: Any) -> Any:
        """Outward current."""
        return params[f"{self.name}_g"] * states[f"{self.name}_x"] * (v + 80.0)


class NoUnit(Slow):
    """Forgets the unit."""

    def __init__(self) -> None:
        super().__init__()
        del self.current_is_in_mA_per_cm2


class WrongKey(Slow):
    """Returns a state that it does not have."""

    def update_states(self, states: Any, dt: Any, v: Any, params: Any) -> Any:
        """One letter off."""
        del states, dt, params
        return {f"{self.name}_y": v}


class WrongArgument(Slow):
    """Asks for something that there is not."""

    def compute_current(self, states: Any, v: Any, weights: Any) -> Any:
        """One argument off."""
        return states, v, weights


class NoArray(Slow):
    """Returns its states, not a current."""

    def compute_current(self, states: Any, v: Any, params: Any) -> Any:
        """A dictionary."""
        del v, params
        return states


class NoMethod(Channel):
    """Has no methods."""

    def __init__(self) -> None:
        self.current_is_in_mA_per_cm2 = True
        super().__init__()
        self.channel_params, self.channel_states, self.current_name = {}, {}, "i_NoMethod"


@pytest.mark.parametrize(
    ("channel", "message"),
    [
        (NoUnit, "NoUnit does not say the unit of its current"),
        (WrongKey, "WrongKey_y"),
        (WrongArgument, "compute_current has an argument 'weights'"),
        (NoArray, "NoArray.compute_current returns something that is not made of arrays"),
        (NoMethod, "update_states"),
    ],
)
def test_a_class_that_breaks_the_protocol_is_refused_and_changes_nothing(channel, message):
    cell = jx.Compartment()
    before = cell.model
    with pytest.raises(ValueError, match=message):
        cell.insert(channel())
    assert cell.model is before


def trace(channel: Channel) -> np.ndarray:
    cell = jx.Compartment()
    cell.insert(channel)
    cell.record("v", verbose=False)
    return np.asarray(jx.integrate(cell, t_max=5.0, delta_t=0.025))[0]


def test_arguments_are_matched_by_name_and_units_are_converted():
    """A numpy twin: implicit in v, the gate by forward Euler with the new v."""
    c, v, x, expected = 1e-3 / 0.025, -70.0, 0.5, [-70.0]
    for _ in range(200):
        g = 1e-3 * x
        v = (c * v - g * 80.0) / (c + g)
        x = x + 0.025 * (0.01 * (v + 65.0) - x) / 5.0
        expected.append(v)
    assert np.ptp(expected) > 1.0
    np.testing.assert_allclose(trace(Slow()), expected, rtol=0, atol=1e-9)
    np.testing.assert_allclose(trace(Slow(milli=False)), expected, rtol=0, atol=1e-9)


def test_names_carry_the_prefix_that_was_chosen():
    cell = jx.Compartment()
    cell.insert(HH())
    cell.insert(HH("HH2"))
    for name in ("HH_gNa", "HH_m", "HH2_gNa", "HH2_m"):
        assert name in cell.nodes
    cell.set("HH2_gNa", 0.0)
    assert (cell.get("HH_gNa"), cell.get("HH2_gNa")) == (0.12, 0.0)


def test_a_name_without_prefix_is_one_value_for_all_that_use_it():
    cell = jx.Cell([jx.Branch(nseg=2)] * 2, [-1, 0])
    cell.insert(Na())
    cell.set("vt", -50.0)
    before = cell.model
    with pytest.raises(ValueError, match="shares vt, which is -50 here, while its own default is -60"):
        cell.insert(K())
    assert cell.model is before
    cell.set("vt", -60.0)
    cell.insert(K())
    cell.branch(1).set("vt", -55.0)
    assert cell.get("vt").tolist() == [-60.0, -60.0, -55.0, -55.0]


def test_a_name_that_is_taken_is_refused():
    cell = jx.Compartment()
    cell.insert("hh")
    own = Slow("hh")
    before = cell.model
    with pytest.raises(ValueError, match="hh"):
        cell.insert(own)
    assert cell.model is before


class Unprefixed(Channel):
    """A gate that any channel of the compartment may read, with a rest that depends on the voltage."""

    current_is_in_mA_per_cm2 = True

    def __init__(self) -> None:
        super().__init__()
        self.channel_params = {"g_gate": 1e-4}
        self.channel_states = {"gate": 0.25}
        self.current_name = "i_K"

    def update_states(self, states: Any, dt: Any, v: Any, params: Any) -> Any:
        """Stays."""
        del dt, v, params
        return {"gate": states["gate"]}

    def compute_current(self, states: Any, v: Any, params: Any) -> Any:
        """Outward current."""
        return params["g_gate"] * states["gate"] * (v + 77.0)

    def init_state(self, states: Any, v: Any, params: Any, delta_t: Any) -> Any:
        """A hundredth of the voltage above -80 mV."""
        del states, params, delta_t
        return {"gate": (v + 80.0) / 100.0}


def test_a_state_without_prefix_starts_as_its_channel_says_on_request():
    cell = jx.Branch(nseg=2)
    cell.insert(Unprefixed())
    cell.set("v", [-70.0, -60.0])
    cell.record("gate", verbose=False)
    np.testing.assert_allclose(jx.integrate(cell, t_max=0.025)[:, 0], [0.25, 0.25], rtol=1e-15)
    cell.init_states()
    np.testing.assert_allclose(cell.get("gate"), [0.1, 0.2], rtol=1e-12)
    np.testing.assert_allclose(jx.integrate(cell, t_max=0.025)[:, 0], [0.1, 0.2], rtol=1e-12)
    cell.comp(1).set("gate", 0.5)
    np.testing.assert_allclose(jx.integrate(cell, t_max=0.025)[:, 0], [0.1, 0.5], rtol=1e-12)

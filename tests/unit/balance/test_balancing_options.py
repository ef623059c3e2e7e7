"""A balancer's options: a built-in one has its own among the method's, any other under ``balancer_options``."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch

from harness.balance.balancing_options import BalancedConfig
from harness.base.errors import BadInput
from harness.models.group_losses import GroupLosses
from harness.plugins.registry import registry
from harness.spec.build import build_spec

PLUGIN = """
from pydantic import Field

from harness.plugins import Balancer, Frozen


class TemperedConfig(Frozen):
    kappa: float = Field(1.0, ge=0)
    lam: float = 7.0  # also the name of an option of the methods


class Tempered(Balancer):
    name = "tempered"
    summary = "keeps what it hears"
    Config = TemperedConfig
    needs_gradients = False

    def weights(self, signals):
        self.heard = signals
        return signals.present.double() / signals.present.sum()


class Plain(Balancer):
    name = "plain"
    summary = "has no options"
    needs_gradients = False

    def weights(self, signals):
        return signals.batch_shares
"""
SHARES = torch.tensor([0.5, 0.5], dtype=torch.float64)
BUILT_IN = {
    "entropy": {"T", "lam"},
    "entropy_lookahead": {"T", "lam"},
    "entropy_weighted": {"T", "lam"},
    "entropy_weights": {"T", "lam"},
    "group_dro": {"alpha"},
    "mgda": {"T"},
    "proportional": set(),
    "static": set(),
    "uniform": set(),
    "upgrad": set(),
}


@pytest.fixture(autouse=True)
def _plugins(tmp_path: Path) -> Iterator[None]:
    file = tmp_path / "tempered.py"
    file.write_text(PLUGIN)
    with registry.afresh():
        registry.add_file(file)
        yield
    assert "tempered" not in registry.names("balancer")


def rule(config: Any) -> Any:
    return config.level(SHARES, 0.25).weighting.balancer


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_built_in_one_has_the_methods_own(name: str) -> None:
    config = BalancedConfig(balancer=name, T=7, lam=0.5, alpha=0.2)
    given = {"T": 7, "lam": 0.5, "alpha": 0.2}
    assert rule(config).config.model_dump() == {key: given[key] for key in BUILT_IN[name]}


@pytest.mark.parametrize("method", ["bifair", "joint", "separate"])
@pytest.mark.parametrize("balancer", [*BUILT_IN, "plain"])
def test_specs_are_those_of_before_there_were_options(method: str, balancer: str) -> None:
    config = build_spec({"method": method, "config": {"balancer": balancer}}).model_dump(mode="json")["config"]
    assert {"balancer", "T", "lam", "alpha", "gamma"} < {*config}
    assert "balancer_options" not in config


def test_one_of_the_users_own_has_what_it_declares() -> None:
    spec = build_spec({"config": {"balancer": "Tempered", "lam": 0.5, "balancer_options": {"kappa": 2}}})
    assert spec.flat()["config.balancer_options.kappa"] == 2
    assert rule(spec.config).config.model_dump() == {"kappa": 2, "lam": 7}
    again = build_spec(spec.model_dump(mode="json"))
    assert again == spec
    assert again.digest == spec.digest
    plain = build_spec({"config": {"balancer": "tempered", "lam": 0.5}})
    assert rule(plain.config).config.model_dump() == {"kappa": 1, "lam": 7}
    assert plain.digest != spec.digest


@pytest.mark.parametrize("loss", ["erm", "balanced"])
def test_a_loss_without_a_balancer_takes_no_notice_of_its_options(loss: str, prepared: Any) -> None:
    options = {"balancer": "tempered", "balancer_options": {"kappa": 2}}
    found = prepared("joint", loss=loss, **options).level.weighting.balancer
    assert (found.name, found.config.model_dump()) == (
        ("proportional", {}) if loss == "erm" else ("tempered", {"kappa": 2, "lam": 7})
    )


@pytest.mark.parametrize(
    ("balancer", "options", "message"),
    [
        ("tempered", {"kapa": 2}, "unknown key 'config.balancer_options.kapa': did you mean 'kappa'?"),
        ("tempered", {"kappa": -1}, "config.balancer_options.kappa: input should be greater than or equal to 0"),
        ("tempered", 3, "config.balancer_options: a table of options is needed (given: 3)"),
        ("plain", {"kappa": 2}, "unknown key 'config.balancer_options.kappa': known here: (none)"),
        ("uniform", {"kappa": 2}, "unknown key 'config.balancer_options.kappa': known here: (none)"),
        ("entropy", {"lam": 2}, "config.balancer_options: the options of balancer 'entropy' are written config.T, c"),
        ("entropy", 3, "config.balancer_options: a table of options is needed (given: 3)"),
        (3, {"kappa": 2}, "config.balancer: input should be a valid string (given: 3)"),
        ("temperd", {"kappa": 2}, "unknown balancer 'temperd': did you mean 'tempered'?"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(balancer: Any, options: Any, message: str) -> None:
    config = {"balancer": balancer, "balancer_options": options}
    with pytest.raises(BadInput) as caught:
        build_spec({"config": config})
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)
    reference = {"reference": "joint", "reference_options": config}
    with pytest.raises(BadInput) as caught:
        build_spec({"evaluation": reference})
    assert message.replace("config.", "evaluation.reference_options.")[:60] in str(caught.value)


def test_the_rate_of_the_look_ahead_is_a_signal() -> None:
    weighting = BalancedConfig(balancer="tempered", min_rows=1).level(SHARES, 0.25).weighting
    balancer: Any = weighting.balancer
    weighting.refresh(GroupLosses(SHARES, SHARES, torch.tensor([3, 3])), None)
    assert balancer.heard.lookahead_rate == 0.25

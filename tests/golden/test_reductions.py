"""Where two methods must be one: followed step by step in float64."""

from typing import TYPE_CHECKING, Any

import pytest
import torch

from harness.base.streams import Streams
from harness.models.recommender import Recommender
from harness.plugins import Problem
from harness.plugins.registry import registry
from harness.testing import toy_problem

if TYPE_CHECKING:
    from harness.runs.experiment import Experiment

SMALL = {"batch_size": 128, "negatives": 16, "dim": 8, "dtype": "float64"}
ERM = {"eta": 0.0, "outer_data": "same", "balancer": "proportional"}


def trained(problem: Problem, name: str, epochs: int = 1, **config: Any) -> Recommender:
    plugin = registry.get("method", name)
    method: Recommender = plugin(plugin.Config(**config))
    method.prepare(problem)
    for _ in range(epochs):
        method.train_epoch()
    return method


@pytest.mark.parametrize("backbone", ["alpharec", "two_tower", "vbpr"])
@pytest.mark.parametrize("activation", ["leaky_relu", "gelu", "linear"])
def test_bifair_without_outer_steps_and_with_proportional_weights_is_alpharec(backbone: str, activation: str) -> None:
    model = {**SMALL, "backbone": backbone, "activation": activation}
    alpharec = trained(toy_problem(), "alpharec", epochs=3, **model)
    bifair = trained(toy_problem(), "bifair", epochs=3, **model, **ERM)
    torch.testing.assert_close(bifair.theta, alpharec.theta, rtol=0, atol=1e-9)
    assert torch.equal(bifair.Z, alpharec.Z)


def test_the_first_gradients_agree() -> None:
    """θ.grad still holds the gradient of an epoch's only step."""
    whole = {**SMALL, "batch_size": 100_000}
    alpharec = trained(toy_problem(), "alpharec", **whole)
    bifair = trained(toy_problem(), "bifair", **whole, **ERM)
    assert alpharec.theta.grad is not None
    assert bifair.theta.grad is not None
    torch.testing.assert_close(bifair.theta.grad, alpharec.theta.grad, rtol=0, atol=1e-12)


def test_balancers_that_look_at_gradients_reduce_too() -> None:
    """γ = 0 gives proportional weights whatever the balancer says, along the path through group gradients."""
    alpharec = trained(toy_problem(), "alpharec", **SMALL)
    mixed = trained(toy_problem(), "bifair", **SMALL, eta=0.0, outer_data="same", balancer="entropy", gamma=0.0)
    torch.testing.assert_close(mixed.theta, alpharec.theta, rtol=0, atol=1e-9)


def test_warming_up_is_alpharec() -> None:
    alpharec = trained(toy_problem(), "alpharec", epochs=2, **SMALL)
    bifair = trained(toy_problem(), "bifair", epochs=2, **SMALL, warmup_epochs=2)
    torch.testing.assert_close(bifair.theta, alpharec.theta, rtol=0, atol=1e-9)
    assert torch.equal(bifair.Z, bifair.Z0)


def test_without_a_look_ahead_finite_differences_are_first_order() -> None:
    first_order, finite_difference, exact = (
        trained(toy_problem(), "bifair", **SMALL, xi=0.0, hypergradient=way, min_rows=4)
        for way in ("first_order", "finite_difference", "exact")
    )
    for other in (finite_difference, exact):
        assert torch.equal(other.Z, first_order.Z)
        assert torch.equal(other.theta, first_order.theta)


def test_finite_differences_follow_double_backward() -> None:
    """A smooth projector and a small ε: the whole training is the same to the error of the difference."""
    smooth = {**SMALL, "activation": "gelu", "min_rows": 4, "epsilon": 1e-4}
    exact, finite_difference, first_order = (
        trained(toy_problem(), "bifair", **smooth, hypergradient=way)
        for way in ("exact", "finite_difference", "first_order")
    )
    gap = (exact.Z - finite_difference.Z).norm()
    assert gap < 1e-3 * (exact.Z - exact.Z0).norm()
    assert gap < 0.1 * (exact.Z - first_order.Z).norm()


def test_on_real_data(movielens: "Experiment") -> None:
    """An epoch of MovieLens-100K, overlapping genres included."""
    problem = Problem(
        movielens.split.training, movielens.embeddings, movielens.trained.membership, Streams(0), torch.device("cpu")
    )
    model = {"dtype": "float64", "negatives": 64}
    alpharec = trained(problem, "alpharec", **model)
    bifair = trained(problem, "bifair", **model, **ERM)
    torch.testing.assert_close(bifair.theta, alpharec.theta, rtol=0, atol=1e-9)

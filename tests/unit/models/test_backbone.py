"""The AlphaRec backbone against dense linear algebra."""

import numpy as np
import pytest
import torch
from torch.nn import functional

from harness.models.alpharec import AlphaRecBackbone
from harness.models.graph import adjacency, history
from harness.models.projector import Projector
from harness.testing import toy_problem
from tests.twice_differentiable import assert_differentiable_twice

TRAINING = toy_problem(n_users=12, n_items=20, cold_items=2).training


def backbone(layers: int) -> tuple[AlphaRecBackbone, torch.Tensor, torch.Tensor]:
    """With Z and θ."""
    torch.manual_seed(0)
    projector = Projector(5, 4, 3, "gelu")
    built = AlphaRecBackbone(TRAINING, projector, layers, device=torch.device("cpu"), dtype=torch.float64)
    Z = torch.randn(20, 5, dtype=torch.float64, requires_grad=True)
    return built, Z, torch.randn(projector.n_parameters, dtype=torch.float64, requires_grad=True)


@pytest.mark.parametrize("layers", [0, 1, 2, 3])
def test_factors_are_the_normalised_mean_of_the_layers(layers: int) -> None:
    built, Z, theta = backbone(layers)
    R, A = (torch.as_tensor(matrix(TRAINING).toarray()) for matrix in (history, adjacency))
    X0 = built.projector(theta, torch.cat([R @ Z, Z]))
    mean = sum(torch.linalg.matrix_power(A, power) @ X0 for power in range(layers + 1)) / (layers + 1)
    factors = built.factors(Z, theta)
    torch.testing.assert_close(factors.stacked, functional.normalize(mean, dim=1))
    assert factors.users.shape == (12, 3)
    assert factors.items.shape == (20, 3)
    torch.testing.assert_close(factors.stacked.norm(dim=1), torch.ones(32, dtype=torch.float64))


def test_two_towers_do_not_look_at_the_graph() -> None:
    built, Z, theta = backbone(0)
    torch.testing.assert_close(built.factors(Z, theta).items, functional.normalize(built.projector(theta, Z), dim=1))
    assert not hasattr(built, "graph")


def test_language_vectors_enter_twice() -> None:
    """∂/∂Z = R̃ᵀ·(through users) + (through items): neither may be lost."""
    built, Z, theta = backbone(0)
    R = torch.as_tensor(history(TRAINING).toarray())
    weight = torch.randn(32, 3, dtype=torch.float64)
    (gradient,) = torch.autograd.grad((built.factors(Z, theta).stacked * weight).sum(), Z)
    inputs = torch.cat([R @ Z, Z]).detach().requires_grad_(True)
    towers = functional.normalize(built.projector(theta, inputs), dim=1)
    (by_input,) = torch.autograd.grad((towers * weight).sum(), inputs)
    torch.testing.assert_close(gradient, R.T @ by_input[:12] + by_input[12:])


def test_changing_an_item_changes_it_and_those_who_took_it() -> None:
    built, Z, theta = backbone(0)
    item = int(TRAINING.items[0])
    moved = Z.detach().clone()
    moved[item] += 1
    difference = built.factors(moved, theta).stacked - built.factors(Z, theta).stacked
    changed = (difference.abs() > 1e-9).any(dim=1).nonzero().squeeze(1).tolist()
    assert changed == [*np.unique(TRAINING.users[TRAINING.items == item]).tolist(), 12 + item]


def test_differentiable_twice_in_both_arguments() -> None:
    assert_differentiable_twice(*backbone(2))

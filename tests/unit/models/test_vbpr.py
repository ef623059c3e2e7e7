"""The backbone with learnt vectors beside the items' text, against dense linear algebra."""

import pytest
import torch
from torch.nn import functional

from harness.base.errors import BadInput
from harness.models.projector import Projector
from harness.models.vbpr import VBPRBackbone
from harness.plugins.registry import registry
from harness.spec.build import build_spec
from harness.testing import toy_problem
from tests.twice_differentiable import assert_differentiable_twice

TRAINING = toy_problem(n_users=12, n_items=20, cold_items=2).training
FREE, TEXT = 2, 3


def backbone() -> tuple[VBPRBackbone, torch.Tensor, torch.Tensor]:
    """With Z and θ."""
    built = VBPRBackbone(TRAINING, Projector(5, 4, TEXT, "gelu"), FREE)
    generator = torch.Generator().manual_seed(0)
    Z = torch.randn(20, 5, generator=generator, dtype=torch.float64).requires_grad_(True)
    return built, Z, built.initial(generator, torch.float64).requires_grad_(True)


def test_a_score_is_the_product_of_learnt_vectors_and_of_the_text() -> None:
    """Eq. 4 without biases, before rows are normalised: γ_uᵀγ_i + θ_uᵀ g(Z_i)."""
    built, Z, theta = backbone()
    of_g = built.projector.n_parameters
    users = theta[of_g : of_g + 12 * (FREE + TEXT)].view(12, FREE + TEXT)
    gamma_i = theta[of_g + users.numel() :].view(20, FREE)
    text = built.projector(theta[:of_g], Z)
    expected = users[:, :FREE] @ gamma_i.T + users[:, FREE:] @ text.T
    factors = built.factors(Z, theta)
    assert factors.norms is not None
    lengths = factors.norms
    torch.testing.assert_close((factors.users * lengths[:12]) @ (factors.items * lengths[12:]).T, expected)
    torch.testing.assert_close(factors.stacked, functional.normalize(factors.stacked * lengths, dim=1))


def test_language_enters_through_the_item_alone() -> None:
    built, Z, theta = backbone()
    moved = Z.detach().clone()
    moved[7] += 1
    difference = built.factors(moved, theta).stacked - built.factors(Z, theta).stacked
    assert (difference.abs() > 1e-9).any(dim=1).nonzero().squeeze(1).tolist() == [12 + 7]


def test_the_first_stage_is_linear_in_either_and_has_its_adjoint() -> None:
    built, Z, theta = backbone()
    other = torch.randn_like(theta)
    torch.testing.assert_close(built.first(Z, theta + other), built.first(Z, theta) + built.first(Z, other))
    H = built.first(Z, theta)
    G = torch.randn_like(H)
    torch.testing.assert_close(built.first_adjoint(G, theta), torch.autograd.grad(H, Z, G)[0])


def test_differentiable_twice_in_both_arguments() -> None:
    assert_differentiable_twice(*backbone())


def test_learnt_vectors_and_text_share_the_width() -> None:
    spec = build_spec({"method": "alpharec", "config": {"backbone": "vbpr", "dim": 7}})
    problem = toy_problem()
    method = registry.get("method", "alpharec")(spec.config)
    method.prepare(problem)
    vectors = method.vectors()
    assert vectors is not None
    assert [len(part) for part in vectors] == [problem.training.n_users, problem.training.n_items]
    assert {part.shape[1] for part in vectors} == {7}


def test_nothing_is_propagated_at_its_input() -> None:
    with pytest.raises(BadInput, match=r"propagation=input: the backbone vbpr does not propagate its input"):
        build_spec({"method": "alpharec", "config": {"backbone": "vbpr", "propagation": "input"}})

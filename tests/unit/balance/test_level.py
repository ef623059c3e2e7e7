"""A level's loss and gradient, whatever the Gram matrix is of and whether group gradients are needed."""

import pytest
import torch

from harness.balance.balancing_options import BalancedConfig
from harness.balance.level import Level
from harness.models.alpharec import AlphaRecBackbone
from harness.models.batches import Batch, BatchSampler
from harness.models.losses import info_nce
from harness.models.projector import Projector
from harness.models.recommender import BatchGroups
from harness.testing import toy_problem

PROBLEM = toy_problem()
GROUPS = BatchGroups(PROBLEM, torch.float64)


def level(balancer: str, **options: float) -> Level:
    return BalancedConfig(balancer=balancer, min_rows=4, **options).level(GROUPS.data_shares, 0.01)


@pytest.fixture
def parts() -> tuple[AlphaRecBackbone, torch.Tensor, torch.Tensor, Batch]:
    projector = Projector(16, 8, 4, "gelu")
    backbone = AlphaRecBackbone(PROBLEM.training, projector, device=torch.device("cpu"), dtype=torch.float64)
    Z = torch.as_tensor(PROBLEM.embeddings, dtype=torch.float64).requires_grad_(True)
    theta = projector.initial(torch.Generator().manual_seed(0), torch.float64).requires_grad_(True)
    streams = PROBLEM.streams
    sampler = BatchSampler(
        PROBLEM.training, PROBLEM.training, 200, 10, streams.generator("order"), streams.generator("negatives")
    )
    return backbone, Z, theta, next(iter(sampler))


@pytest.mark.parametrize("balancer", ["entropy", "mgda", "uniform", "group_dro", "proportional"])
def test_gradients_are_those_of_the_weighted_loss(
    balancer: str, parts: tuple[AlphaRecBackbone, torch.Tensor, torch.Tensor, Batch]
) -> None:
    backbone, Z, theta, batch = parts
    found = level(balancer).balance(backbone.factors(Z, theta), batch, GROUPS.of(batch), (Z, theta))
    F = found.row_weights @ info_nce(backbone.factors(Z, theta), batch, 0.15)
    assert F.item() == pytest.approx((found.weights @ found.losses.losses).item(), rel=1e-12)
    for ours, expected in zip(found.gradients, torch.autograd.grad(F, (Z, theta)), strict=True):
        torch.testing.assert_close(ours, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("of", ["factors", "theta", "z"])
def test_along_the_common_direction_no_group_ascends(
    of: str, parts: tuple[AlphaRecBackbone, torch.Tensor, torch.Tensor, Batch]
) -> None:
    """MGDA's theorem holds for the gradients that the Gram matrix is of."""
    backbone, Z, theta, batch = parts
    shares = GROUPS.of(batch)
    factors = backbone.factors(Z, theta)
    source = {"factors": factors.stacked, "theta": theta, "z": Z}[of]
    found = level("mgda", T=10_000).balance(factors, batch, shares, (theta,), None if of == "factors" else source)
    assert found.ascending is not None
    assert found.ascending.item() == 0
    ell = info_nce(backbone.factors(Z, theta), batch, 0.15)
    wrt = {"theta": theta, "z": Z}.get(of)
    if wrt is not None:
        losses = [(ell @ c) / c.sum() for c in shares.T]
        rows = torch.stack([torch.autograd.grad(loss, wrt, retain_graph=True)[0].flatten() for loss in losses])
        assert (rows @ (found.weights @ rows)).min() >= -1e-12


def test_weights_are_kept_between_refreshes(
    parts: tuple[AlphaRecBackbone, torch.Tensor, torch.Tensor, Batch],
) -> None:
    backbone, Z, theta, batch = parts
    rarely = level("entropy", balance_every=3)
    shares = GROUPS.of(batch)
    first, second, third, fourth = (
        rarely.balance(backbone.factors(Z, theta * scale), batch, shares, (theta,)) for scale in (1.0, 2.0, 3.0, 4.0)
    )
    assert torch.equal(first.weights, second.weights)
    assert torch.equal(first.weights, third.weights)
    assert not torch.equal(first.weights, fourth.weights)
    assert second.ascending is None

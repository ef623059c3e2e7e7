"""Group gradients from one pass, against one autograd pass per group."""

from dataclasses import dataclass

import pytest
import torch
from torch.nn import functional

from harness.balance.group_gradients import group_gradients
from harness.models.alpharec import Factors
from harness.models.batches import Batch
from harness.models.group_losses import group_losses, row_weights
from harness.models.losses import info_nce
from harness.models.recommender import BatchGroups
from harness.testing import toy_problem

TEMPERATURE = 0.15


@dataclass
class Case:
    factors: Factors
    batch: Batch
    shares: torch.Tensor


@pytest.fixture(params=["overlapping", "disjoint", "with an empty group", "many"])
def case(request: pytest.FixtureRequest) -> Case:
    groups = ("a", "b", "c", "d")
    problem = toy_problem(groups=groups, empty_groups=("none",) if request.param.endswith("empty group") else ())
    torch.manual_seed(0)
    training = problem.training
    stacked = torch.randn(training.n_users + training.n_items, 6, dtype=torch.float64)
    rows = torch.randperm(len(training))[:80]
    users, items = (torch.as_tensor(index)[rows] for index in (training.users, training.items))
    batch = Batch(users, items, torch.randint(training.n_items, (80, 12)))  # negatives repeat and may hit the taken one
    shares = BatchGroups(problem, torch.float64).of(batch)
    if request.param == "disjoint":
        shares = functional.one_hot(items % 4, 4).double()
    if request.param == "many":  # of the Gram matrix more than one strip, and the last one narrower
        shares = (functional.one_hot(items, 50) + functional.one_hot(7 * items % 50, 50)).double() / 2
    return Case(Factors(functional.normalize(stacked, dim=1).requires_grad_(True), training.n_users), batch, shares)


def test_each_group_has_its_own_gradient(case: Case) -> None:
    grouped, gradients = group_gradients(case.factors, case.batch, case.shares, TEMPERATURE)
    G = gradients.dense()
    ell = info_nce(case.factors, case.batch, TEMPERATURE)
    for k, c in enumerate(case.shares.T):
        loss = (c @ ell) / c.sum().clamp(min=1e-300)
        (expected,) = torch.autograd.grad(loss, case.factors.stacked, retain_graph=True)
        assert grouped.losses[k].item() == pytest.approx(loss.item(), rel=1e-12)
        torch.testing.assert_close(G[k], expected, rtol=0, atol=1e-12)


def test_masses_and_rows(case: Case) -> None:
    grouped, _ = group_gradients(case.factors, case.batch, case.shares, TEMPERATURE)
    torch.testing.assert_close(grouped.mass, case.shares.sum(0))
    assert grouped.mass.sum().item() == pytest.approx(80)
    assert grouped.rows.tolist() == [(case.shares[:, k] > 0).sum().item() for k in range(case.shares.shape[1])]


def test_weighted_sum_is_the_gradient_of_the_weighted_loss(case: Case) -> None:
    grouped, G = group_gradients(case.factors, case.batch, case.shares, TEMPERATURE)
    w = torch.rand(case.shares.shape[1], dtype=torch.float64) * (grouped.mass > 0)
    ell = info_nce(case.factors, case.batch, TEMPERATURE)
    F = w @ group_losses(ell, case.shares).losses
    omega = row_weights(w, case.shares, grouped.mass)
    assert (omega @ ell).item() == pytest.approx(F.item(), rel=1e-12)
    (expected,) = torch.autograd.grad(F, case.factors.stacked)
    torch.testing.assert_close(G.weighted(w), expected, rtol=0, atol=1e-12)


def test_proportional_weights_give_plain_empirical_risk(case: Case) -> None:
    """w_k = Σ_b C_bk / B, overlapping groups included: every row counts 1/B."""
    grouped, G = group_gradients(case.factors, case.batch, case.shares, TEMPERATURE)
    w = grouped.mass / 80
    torch.testing.assert_close(
        row_weights(w, case.shares, grouped.mass), torch.full((80,), 1 / 80, dtype=torch.float64), rtol=0, atol=1e-15
    )
    (erm,) = torch.autograd.grad(info_nce(case.factors, case.batch, TEMPERATURE).mean(), case.factors.stacked)
    torch.testing.assert_close(G.weighted(w), erm, rtol=0, atol=1e-12)


def test_gram_matrix_of_factors_that_were_not_normalised(case: Case) -> None:
    _, G = group_gradients(case.factors, case.batch, case.shares, TEMPERATURE)
    flat = G.dense().flatten(1)
    torch.testing.assert_close(G.gram(), flat @ flat.T, rtol=0, atol=1e-12)


def test_gram_matrix_before_normalising_is_autograds(case: Case) -> None:
    """The comparison goes through torch's own normalisation, one backward pass per group."""
    x = case.factors.stacked.detach() * torch.linspace(0.1, 3, len(case.factors.stacked), dtype=torch.float64)[:, None]
    x.requires_grad_(True)
    norms = x.detach().norm(dim=1, keepdim=True)
    factors = Factors(functional.normalize(x, dim=1), case.factors.n_users, norms)
    ell = info_nce(factors, case.batch, TEMPERATURE)
    n = case.shares.sum(0).clamp(min=1e-300)
    rows = [torch.autograd.grad((c @ ell) / m, x, retain_graph=True)[0] for c, m in zip(case.shares.T, n, strict=True)]
    flat = torch.stack(rows).flatten(1)
    _, G = group_gradients(factors, case.batch, case.shares, TEMPERATURE)
    torch.testing.assert_close(G.gram(), flat @ flat.T, rtol=1e-10, atol=1e-12)

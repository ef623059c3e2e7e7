"""Max-min fair exposure."""

import itertools

import numpy as np
import pytest
import torch

from harness.balance.dual import project
from harness.balance.group_weighted import Rows
from harness.base.errors import BadInput
from harness.models.batches import Batch
from harness.testing import toy_problem


def tensor(values) -> torch.Tensor:
    return torch.as_tensor(np.asarray(values), dtype=torch.float64)


def drawn(seed: int, K: int):
    draw = np.random.default_rng(seed)
    return 2 * draw.normal(size=K), draw.uniform(0.2, 2, size=K), draw.uniform(0, 2)


# --- projection ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(20))
def test_projection_with_every_ascending_prefix(seed):
    """The authors' programme: min ‖γμ − γμ̃‖² with Σ of every prefix of γμ, in the ascending order of γμ̃, ≥ −λ."""
    qpsolvers = pytest.importorskip("qpsolvers")
    mu, gamma, lam = drawn(seed, 8)
    order = np.argsort(gamma * mu)
    prefixes = np.tril(np.ones((8, 8)))
    x = qpsolvers.solve_qp(np.eye(8), -(gamma * mu)[order], -prefixes, np.full(8, lam), solver="quadprog")
    expected = np.empty(8)
    expected[order] = x
    np.testing.assert_allclose(project(tensor(mu), tensor(gamma), lam).numpy(), expected / gamma, atol=1e-9)


@pytest.mark.parametrize("seed", range(5))
def test_projection_with_every_set_of_groups(seed):
    """The set itself: all 2^K − 1 constraints."""
    qpsolvers = pytest.importorskip("qpsolvers")
    mu, gamma, lam = drawn(seed, 5)
    sets = np.array([row for row in itertools.product([0.0, 1.0], repeat=5) if any(row)])
    x = qpsolvers.solve_qp(np.eye(5), -gamma * mu, -sets, np.full(len(sets), lam), solver="quadprog")
    np.testing.assert_allclose(project(tensor(mu), tensor(gamma), lam).numpy(), x / gamma, atol=1e-9)


def test_projection_leaves_the_inside_alone_and_is_idempotent():
    gamma = tensor([1.0, 1.0, 2.0])
    inside = tensor([-0.5, 3.0, -0.2])
    assert torch.equal(project(inside, gamma, 1.0), inside)
    outside = project(tensor([-2.0, 0.3, -1.0]), gamma, 1.0)
    torch.testing.assert_close(project(outside, gamma, 1.0), outside)
    assert float((gamma * outside).clamp(max=0).sum()) == pytest.approx(-1)


def test_projection_onto_the_non_negative():
    torch.testing.assert_close(project(tensor([-1.0, 2.0, -3.0]), tensor([1.0, 1, 1]), 0.0), tensor([0.0, 2, 0]))


# --- method ----------------------------------------------------------------------------------------------------------


def test_with_dual_variables_at_zero_it_is_alpharec(train):
    reference, _ = train("alpharec", epochs=2)
    method, _ = train("fairdual", epochs=2, dual_rate=1e-15)
    torch.testing.assert_close(method.theta, reference.theta, rtol=0, atol=1e-9)


def test_lambda_zero_forbids_negative_dual_variables(train):
    method, _ = train("fairdual", epochs=3, lam=0, dual_rate=1.0)
    assert (method.mu >= 0).all()


def test_exposures_one_user_at_a_time(prepared):
    """No sampling: the top 4 of all items, group by group."""
    method = prepared("fairdual", top_k=4, sample=10_000)
    users = torch.tensor([5, 0, 5])
    rows = Rows(Batch(users, users, users[:, None]), None, None, method.factors())
    e = method.exposures(rows)
    scores = method.score(users)
    for row in range(3):
        best = np.argsort(-scores[row].numpy())[:4]
        np.testing.assert_allclose(e[row].numpy(), method.C[best].sum(dim=0).numpy())
    torch.testing.assert_close(e.sum(dim=1), torch.full((3,), 4.0, dtype=torch.float64))


def test_two_steps_of_the_dual_variables_by_hand(prepared):
    """K = 10, an epoch of 4 rows: R/(NK) is 1 at first; rate 0.1, α 0.2, λ 0.05 (so that the projection is at work)."""
    method = prepared("fairdual", dual_rate=0.1, momentum=0.2, lam=0.05, top_k=10)
    method.n_rows, method.remaining = 4, 4 * 10 * method.gamma
    method.descend(tensor([[9.0, 1, 0], [7, 1, 2]]))
    first = tensor([1 - 16 / 40 - 16 / 20, 1 - 2 / 40 - 2 / 20, 1 - 2 / 40 - 2 / 20])
    torch.testing.assert_close(method.g, 0.2 * first)
    torch.testing.assert_close(method.mu, project(-0.1 * 0.2 * first, method.gamma, 0.05))
    before = method.mu
    method.descend(tensor([[10.0, 0, 0]]))
    second = tensor([1 - 26 / 40 - 1, 1 - 2 / 40, 1 - 2 / 40])
    g = 0.2 * second + 0.8 * 0.2 * first
    torch.testing.assert_close(method.mu, project(before - 0.1 * g, method.gamma, 0.05))
    assert float(method.mu.clamp(max=0).sum()) == pytest.approx(-0.05)


def test_users_who_see_the_badly_exposed_groups_count_more(prepared):
    method = prepared("fairdual", lam=5.0)
    method.n_rows, method.remaining = 4000, 40_000 * method.gamma
    shown, hidden = tensor([10.0, 0, 0]), tensor([0.0, 0, 10])
    for _ in range(400):
        method.descend(torch.stack([shown, shown, shown, hidden]))
    assert method.mu[2] < method.mu[0]
    method.exposures = lambda rows: torch.stack([shown, hidden])
    omega = method.row_weights(None)
    assert omega[1] > omega[0]


def test_groups_without_items_take_no_part(train):
    method, _ = train("fairdual", toy_problem(empty_groups=("nobody",)), epochs=3, dual_rate=1.0)
    assert method.mu[-1] == 0


def test_dual_variables_can_start_again(train):
    kept, _ = train("fairdual", epochs=3)
    again, _ = train("fairdual", epochs=3, reset_every=1)
    one, _ = train("fairdual", epochs=1)
    assert (again.mu - one.mu).abs().max() < (kept.mu - one.mu).abs().max()


def test_groups_of_users_are_refused(prepared):
    with pytest.raises(BadInput, match="'toy' groups users; choose another --group"):
        prepared("fairdual", toy_problem(side="user"))

"""The penalty on differences between groups' scores."""

import pytest
import torch
from harness.methods.focf import non_parity


def test_without_penalty_it_is_alpharec(train):
    reference, _ = train("alpharec", epochs=2)
    method, _ = train("focf", epochs=2, c=0)
    torch.testing.assert_close(method.theta, reference.theta, rtol=0, atol=1e-9)


def test_two_disjoint_groups_in_closed_form():
    """Shares q and 1 − q, means d apart: |s₀ − s̄| = (1 − q) d, |s₁ − s̄| = q d, and smoothL1(x) = ½x² below 1."""
    s = torch.tensor([0.1, 0.3, 0.2, 0.9], dtype=torch.float64)
    C = torch.tensor([[1, 0], [1, 0], [1, 0], [0, 1]], dtype=torch.float64)
    d, q = 0.7, 0.75
    expected = ((1 - q) ** 2 + q**2) * d**2 / 4
    assert float(non_parity(s, C)) == pytest.approx(expected)


def test_large_differences_count_linearly():
    s = torch.tensor([10.0, -10.0], dtype=torch.float64)
    assert float(non_parity(s, torch.eye(2, dtype=torch.float64))) == pytest.approx(10 - 0.5)


def test_only_differences_between_groups_count():
    """Rows differ, groups do not: no penalty (a public implementation compares rows and ignores the groups)."""
    s = torch.tensor([0.0, 1.0, 0.0, 1.0], dtype=torch.float64)
    C = torch.tensor([[1, 0], [1, 0], [0, 1], [0, 1]], dtype=torch.float64)
    assert float(non_parity(s, C)) == 0
    assert float(non_parity(s, torch.ones(4, 1, dtype=torch.float64))) == 0


def test_absent_groups_do_not_count():
    s = torch.tensor([0.0, 1.0], dtype=torch.float64)
    C = torch.tensor([[1, 0, 0], [0, 1, 0]], dtype=torch.float64)
    assert torch.equal(non_parity(s, C), non_parity(s, C[:, :2]))


def test_the_penalty_narrows_the_groups_scores(prepared):
    def disparity(c):
        method = prepared("focf", c=c, batch_size=100_000)
        for _ in range(60):
            method.train_epoch()
        (batch,) = method.batches
        factors = method.factors()
        s = (factors.users[batch.users] * factors.items[batch.items]).sum(dim=1)
        return float(non_parity(s, method.groups.of(batch)))

    assert disparity(1e4) < 0.2 * disparity(0)

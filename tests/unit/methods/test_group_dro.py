"""Group DRO."""

import dataclasses

import pytest
import torch

from harness.balance.rule_options import DroConfig
from harness.builtin.balancers.group_dro import GroupDro
from harness.domain.membership import Membership
from harness.plugins import GroupSignals
from harness.testing import toy_problem


def steps_of(method):
    """Group losses and weights of every step of an epoch."""
    seen, inner = [], method.weighted

    def spy(*arguments):
        result = inner(*arguments)
        seen.append((result.losses.losses, result.weights))
        return result

    method.weighted = spy
    method.train_epoch()
    return torch.stack([losses for losses, _ in seen]), torch.stack([weights for _, weights in seen])


def test_no_step_leaves_the_weights_equal(train):
    method, report = train("group_dro", epochs=2, alpha=0)
    uniform, _ = train("joint", epochs=2, eta=0, balancer="uniform")
    assert report.group_weights == pytest.approx(dict.fromkeys(report.group_weights, 1 / 3))
    torch.testing.assert_close(method.theta, uniform.theta, rtol=0, atol=1e-12)


def test_weights_are_exponential_in_the_summed_losses(prepared):
    """w after t steps ∝ exp(α Σ_{s≤t} L_s): Algorithm 1 unrolled, and no second softmax."""
    losses, weights = steps_of(prepared("group_dro", alpha=0.3, min_rows=1))
    assert len(losses) > 2
    torch.testing.assert_close(weights, torch.softmax(0.3 * losses.cumsum(0), dim=1))


def test_the_worst_group_gains(train):
    _, report = train("group_dro", epochs=10, alpha=0.1)
    worst = max(report.group_losses, key=lambda name: report.group_losses[name])
    assert max(report.group_weights, key=lambda name: report.group_weights[name]) == worst


def test_permuted_groups_have_permuted_weights(train):
    problem = toy_problem()
    order = [2, 0, 1]
    names = tuple(problem.membership.names[k] for k in order)
    permuted = Membership("toy", "item", names, problem.membership.matrix[:, order])
    first, one = train("group_dro", problem, alpha=0.1)
    second, two = train("group_dro", dataclasses.replace(problem, membership=permuted), alpha=0.1)
    assert one.group_weights == pytest.approx(two.group_weights)
    torch.testing.assert_close(first.theta, second.theta, rtol=0, atol=1e-9)


def test_finds_the_minimax_point():
    """min_x max{(x − 1)², 4 (x + 1)²} is at x = −1/3, where both losses are 16/9; the average iterate goes there."""
    balancer = GroupDro(DroConfig(alpha=0.02))
    present, nothing = torch.ones(2, dtype=torch.bool), torch.zeros(2, 2, dtype=torch.float64)
    half = torch.full((2,), 0.5, dtype=torch.float64)
    x, mean = 0.9, 0.0
    for t in range(4000):
        losses = torch.tensor([(x - 1) ** 2, 4 * (x + 1) ** 2], dtype=torch.float64)
        w = balancer.weights(GroupSignals(losses, nothing, half[0], half, half, present))
        x -= 0.02 * float(w @ torch.tensor([2 * (x - 1), 8 * (x + 1)], dtype=torch.float64))
        mean += (x - mean) / (t + 1)
    assert mean == pytest.approx(-1 / 3, abs=0.02)

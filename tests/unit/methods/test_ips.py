"""Inverse propensity scores."""

import pytest
import torch

from harness.balance.group_weighted import Rows


def rows_of(C):
    return Rows(None, C, None, None)


def test_a_large_beta_is_alpharec(train):
    reference, _ = train("alpharec", epochs=2)
    method, _ = train("ips", epochs=2, beta=1e12)
    torch.testing.assert_close(method.theta, reference.theta, rtol=0, atol=1e-9)


def test_weights_by_hand(prepared):
    """Two groups, exposures 3 : 1, then 4 : 4 in all; the third row is in both."""
    method = prepared("ips", beta=0.1)
    method.exposure = torch.zeros(2, dtype=torch.float64)
    first = torch.tensor([[1, 0], [1, 0], [0.5, 0.5], [0.5, 0.5]], dtype=torch.float64)
    expected = torch.tensor([1 / 0.85, 1 / 0.85, 1 / 0.6, 1 / 0.6], dtype=torch.float64)
    torch.testing.assert_close(method.row_weights(rows_of(first)), expected)
    second = torch.tensor([[1, 0], [0, 1], [0, 1], [0, 1]], dtype=torch.float64)
    expected = torch.full((4,), 1 / 0.6, dtype=torch.float64)
    torch.testing.assert_close(method.row_weights(rows_of(second)), expected)


def test_propensities_of_a_batch_are_swamped_by_beta(prepared):
    """Why the toolkit's normalisation is not the default: 4096 rows, groups 9 : 1, and the weights are all the same."""
    C = torch.zeros(4096, 2, dtype=torch.float64)
    C[:3686, 0], C[3686:, 1] = 1, 1
    spread = {}
    for normalise in ("groups", "batch"):
        method = prepared("ips", normalise=normalise)
        method.exposure = torch.zeros(2, dtype=torch.float64)
        weights = method.row_weights(rows_of(C))
        spread[normalise] = float(weights.max() / weights.min())
    assert spread["batch"] < 1.005
    assert spread["groups"] == pytest.approx(1.0 / 0.2, rel=1e-3)


def test_rare_groups_count_more_than_their_share(train):
    _, plain = train("alpharec")
    _, report = train("ips", beta=1e-3)
    rarest = min(plain.group_weights, key=lambda name: plain.group_weights[name])
    assert report.group_weights[rarest] > plain.group_weights[rarest]
    assert sum(report.group_weights.values()) == pytest.approx(1)

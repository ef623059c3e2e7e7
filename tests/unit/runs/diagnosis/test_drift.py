"""What moved: distance, neighbours, and whether groups can still be read off the representations."""

import numpy as np
import pytest
import torch

from harness.domain.membership import Membership
from harness.runs.diagnosis.drift import drift, neighbour_overlap, probe_accuracy


def test_nothing_moved() -> None:
    Z = torch.randn(30, 6)
    membership = Membership.from_labels("genre", "item", [["a"], ["b"]] * 15)
    found = drift(Z, Z.clone(), membership)
    assert found["distance"] == 0
    assert found["neighbour_overlap"] == 1
    assert found["probe_initial"] == found["probe_learnt"]


def test_distance_is_relative() -> None:
    Z = torch.randn(12, 4)
    membership = Membership.from_labels("age", "user", [["a"]] * 9)
    found = drift(Z, 1.5 * Z, membership)
    assert found["distance"] == pytest.approx(0.5)
    assert found["neighbour_overlap"] == 1, "cosine neighbours do not see a common scale"
    assert "probe_learnt" not in found, "groups of users cannot be read off items"


def test_neighbours_against_the_definition() -> None:
    before, after = torch.randn(25, 5), torch.randn(25, 5)

    def nearest(Z: torch.Tensor, i: int) -> set[int]:
        cosine = torch.cosine_similarity(Z[i : i + 1], Z)
        cosine[i] = -2
        return set(cosine.argsort(descending=True)[:3].tolist())

    expected = np.mean([len(nearest(before, i) & nearest(after, i)) / 3 for i in range(25)])
    assert neighbour_overlap(before, after, k=3) == pytest.approx(expected)


def test_a_probe_reads_what_is_there_and_nothing_else() -> None:
    rng = np.random.default_rng(0)
    labels = np.eye(3, dtype=bool)[rng.integers(3, size=300)]
    telling = labels @ rng.normal(size=(3, 10)) + 0.1 * rng.normal(size=(300, 10))
    assert probe_accuracy(telling, labels) > 0.99
    assert probe_accuracy(rng.normal(size=(300, 10)), labels) == pytest.approx(1 / 3, abs=0.12)

"""Prior and training unfairness: which recommenders are compared, and that the parts add up."""

import numpy as np
import pytest
import torch

from harness.domain.interactions import Training
from harness.domain.metric_key import MetricKey
from harness.runs.diagnosis.unfairness import Recommenders, decompose, zero_training

CV = MetricKey("cv")


def test_zero_training_is_the_cosine_with_the_mean_of_the_history() -> None:
    training = Training(np.array([0, 0, 1]), np.array([0, 2, 1]), 2, 3)
    Z = torch.tensor([[2.0, 0.0], [0.0, 1.0], [0.0, 2.0]])
    scores = zero_training(training, Z)(torch.tensor([1, 0]))
    half = 0.5**0.5
    torch.testing.assert_close(scores, torch.tensor([[0.0, 1.0, 1.0], [half, half, half]]))


def test_parts_add_up() -> None:
    training = Training(np.array([0]), np.array([0]), 1, 2)
    initial, learnt = torch.eye(2), torch.eye(2).flip(0)
    trained, fresh = (lambda users: torch.zeros(len(users), 2)), (lambda users: torch.ones(len(users), 2))
    measured = {0.0: 0.3, 1.0: 0.2}

    def measure(score: object) -> dict[MetricKey, float]:
        if score is trained:
            return {CV: 0.5}
        if score is fresh:
            return {CV: 0.4}
        first = float(score(torch.tensor([0]))[0, 1])  # type: ignore[operator]
        return {CV: measured[first] if first else (0.8 if not calls.append(1) and len(calls) == 1 else 0.6)}

    calls: list[int] = []
    found = decompose(training, Recommenders(trained, initial, learnt, fresh), measure, CV)
    assert found["prior"] == 0.8
    assert found["training"] == pytest.approx(found["b_trained/cv"] - found["a_zero_training/cv"])
    assert found["repaired_prior"] == pytest.approx(found["a_zero_training/cv"] - found["c_zero_training_learnt/cv"])
    assert found["d_fresh_reference/cv"] == 0.4


def test_without_a_fresh_reference_the_trained_model_stands_for_it() -> None:
    training = Training(np.array([0]), np.array([0]), 1, 2)
    trained = lambda users: torch.zeros(len(users), 2)  # noqa: E731
    measure = lambda score: {CV: 0.5 if score is trained else 0.7}  # noqa: E731
    found = decompose(training, Recommenders(trained, torch.eye(2), torch.eye(2), None), measure, CV)
    assert found["d_fresh_reference/cv"] == found["b_trained/cv"] == 0.5
    assert found["repaired_prior"] == 0

"""Passes that end early."""

import itertools

import numpy as np
import pytest
import torch

from harness.domain.interactions import Training
from harness.models.batches import BatchSampler
from harness.models.timed_batches import TimedBatches


def sampler(interactions: int = 100, batch_size: int = 10) -> BatchSampler:
    users, items = np.arange(interactions), np.zeros(interactions, dtype=np.int64)
    training = Training(users, items, interactions, 5)
    streams = [torch.Generator().manual_seed(seed) for seed in (0, 1)]
    return BatchSampler(training, training, batch_size, 1, *streams)


def ticking() -> float:
    return float(next(_ticks))


_ticks = itertools.count()


@pytest.mark.parametrize(("least", "seconds", "steps"), [(2, 0.0, 2), (1, 4.0, 4), (6, 4.0, 6), (99, 0.0, 10)])
def test_a_pass_ends_after_its_seconds_and_its_least_number_of_batches(least: int, seconds: float, steps: int) -> None:
    few = TimedBatches(sampler(), least, seconds, ticking)
    assert len([*few]) == steps
    assert few.steps == [1.0] * steps
    assert len(few) == 10


def test_its_batches_are_the_samplers_own() -> None:
    expected = [batch.users.tolist() for batch in sampler()][:3]
    few = TimedBatches(sampler(), 3, 0.0, ticking)
    assert [batch.users.tolist() for batch in few] == expected

"""Trainings that are timed for a moment: what their first epoch has more than others is told, too."""

import itertools
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from harness.models.batches import BatchSampler
from harness.runs.context import Context
from harness.runs.estimate.timed_training import TimedTraining, timed_training
from harness.runs.experiment import Experiment, prepare
from harness.spec.build import build_spec

DEVICE = torch.device("cpu")


@pytest.fixture(scope="module")
def experiment(tmp_path_factory: pytest.TempPathFactory) -> Experiment:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_HOME", str(tmp_path_factory.mktemp("home")))
        return prepare(spec_of(), Context(offline=True))


def spec_of(**config: Any) -> Any:
    return build_spec(
        {
            "method": "popgo",
            "config": config,
            "dataset": "long-tail",
            "dataset_options": {"n_users": 120, "n_items": 100, "n_groups": 4},
            "encoder": {"name": "random"},
            "training": {"max_epochs": 3},
        }
    )


@dataclass
class Ticks:
    """A watch on which every look takes a second."""

    looks: itertools.count = field(default_factory=itertools.count)

    def now(self) -> float:
        return float(next(self.looks))


def timed(experiment: Experiment, seconds: float = 4.0, **config: Any) -> TimedTraining:
    spec = spec_of(batch_size=256, **config)
    judge: Any = lambda method: SimpleNamespace(metrics={})  # noqa: E731 - nobody looks at the score
    return timed_training(spec, experiment.problem(spec, DEVICE), judge, 1.0, Ticks(), seconds)  # type: ignore[arg-type]


def test_steps_before_the_first_epoch_are_told_from_a_few(experiment: Experiment) -> None:
    """A million of them would take minutes; on this watch each is a second."""
    few, many = (timed(experiment, shortcut_steps=steps).cost.phases[0] for steps in (1_000, 1_000_000))
    assert few.epochs == many.epochs == 3
    assert many.first - few.first == pytest.approx(999_000)
    assert few.first == pytest.approx(1_000, rel=0.05)
    assert many.training == pytest.approx(few.training)


def test_a_stage_that_is_short_is_made_whole_and_one_of_no_step_adds_nothing(experiment: Experiment) -> None:
    none, three = (timed(experiment, shortcut_steps=steps) for steps in (0, 3))
    assert three.cost.phases[0].first - none.cost.phases[0].first == pytest.approx(3, abs=2)
    assert three.cost.seconds(3) > none.cost.seconds(3)


def test_the_method_is_left_with_its_own_batches(experiment: Experiment) -> None:
    method: Any = timed(experiment, shortcut_steps=500).method
    assert isinstance(method.shortcut_batches, BatchSampler)
    assert isinstance(method.batches, BatchSampler)
    assert method.degrees is not None

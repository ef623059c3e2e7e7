"""Real training steps and real validation, a few of them, timed in this process."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from harness.models.batches import BatchSampler
from harness.models.timed_batches import TimedBatches
from harness.plugins import EpochReport, Method, Problem
from harness.plugins.registry import registry
from harness.runs.estimate.cost import Phase, TrainingCost, epoch_seconds
from harness.spec.run_spec import RunSpec
from harness.training.fit import ValidationScore
from harness.training.mishaps import mishaps

if TYPE_CHECKING:
    import torch

WARMING_UP = 2
"""Steps that do not count: they pay for memory and caches."""
STEPS = 4
"""Steps that count, at least, where an epoch has so many."""
SECONDS = 2.0
"""Of steps that count, about, in each phase of a training."""

Judge = Callable[[Method], ValidationScore]


@dataclass
class TimedTraining:
    """A method that has been trained for a moment, and what its training takes.

    Attributes:
        method: in the last phase of its training
        cost: of all of it
        report: of the last epoch that was begun
        score: of the last validation
        steps: how many steps, or whole epochs, were timed
    """

    method: Method
    cost: TrainingCost
    report: EpochReport
    score: ValidationScore
    steps: int


@dataclass
class _Watch:
    """Seconds of one phase.

    Attributes:
        judge: validates
        users: some user, to have the method work out what its scores need once
        more_users: users that are validated really for each one that is validated here
    """

    judge: Judge
    users: "torch.Tensor"
    more_users: float
    score: ValidationScore = field(init=False)

    def validation(self, method: Method) -> float:
        began = time.perf_counter()
        method.score(self.users)
        ready = time.perf_counter()
        self.score = self.judge(method)
        return ready - began + (time.perf_counter() - ready) * self.more_users


def timed_training(
    spec: RunSpec, problem: Problem, judge: Judge, more_users: float, seconds: float = SECONDS
) -> TimedTraining:
    """Prepare the method of ``spec`` and train it for a moment, in every phase that its training has.

    Args:
        judge: validates; perhaps on a sample of users
        more_users: users that are validated really for each one of that sample
        seconds: of steps that count, about

    Raises:
        HarnessError: as the training itself would fail.
    """
    import torch

    watch = _Watch(judge, torch.zeros(1, dtype=torch.int64, device=problem.device), more_users)
    with mishaps(spec.method, spec.config):
        return _timed(spec, problem, watch, seconds)


def _timed(spec: RunSpec, problem: Problem, watch: _Watch, seconds: float) -> TimedTraining:
    kind = registry.get("method", spec.method)
    parts = kind.phases(spec.config, spec.training.max_epochs) if kind.iterative else [(1, spec.config)]
    building, phases, steps = 0.0, [], 0
    for epochs, config in parts:
        if not epochs:
            continue
        began = time.perf_counter()
        method = _prepared(kind, config, problem)
        building = building or time.perf_counter() - began  # the model is built once, whatever is timed here
        phase, report, counted = (_phase if kind.iterative else _whole)(method, epochs, watch, seconds)
        phases.append(phase)
        steps += counted
    return TimedTraining(method, TrainingCost(building, tuple(phases)), report, watch.score, steps)


def _prepared(kind: type[Method], config: Any, problem: Problem) -> Method:
    method = kind(config)
    method.prepare(problem)
    return method


def _whole(method: Method, epochs: int, watch: _Watch, seconds: float) -> tuple[Phase, EpochReport, int]:
    """A closed form has one epoch, which is made as a whole."""
    began = time.perf_counter()
    report = method.train_epoch()
    trained = time.perf_counter() - began
    return Phase(epochs, trained, watch.validation(method)), report, 1


def _phase(method: Method, epochs: int, watch: _Watch, seconds: float) -> tuple[Phase, EpochReport, int]:
    """Steps of a method whose batches come from a sampler; whole epochs of any other."""
    sampler = getattr(method, "batches", None)
    if not isinstance(sampler, BatchSampler):
        return _epochs(method, epochs, watch, seconds)
    few = TimedBatches(sampler, WARMING_UP, 0.0)
    method.batches = few  # type: ignore[attr-defined]
    first, _ = _timed_epoch(method)
    validated = watch.validation(method)
    few.least, few.seconds = STEPS, seconds
    spent, steps, whole = 0.0, 0, list[float]()
    while spent < seconds:
        passed, report = _timed_epoch(method)
        around = passed - sum(few.steps)
        whole.append(epoch_seconds(few.steps, around, len(few)))
        spent += passed
        steps += len(few.steps)
    method.batches = sampler  # type: ignore[attr-defined]
    validation = watch.validation(method)
    # What as few steps as the warm-up had cost now; what that had beyond it, the first epoch of a training has.
    usual = epoch_seconds(few.steps[:WARMING_UP], around, min(WARMING_UP, len(few)))
    more = max(0.0, first - usual) + max(0.0, validated - validation)
    return Phase(epochs, median(whole), validation, more), report, steps


def _epochs(method: Method, epochs: int, watch: _Watch, seconds: float) -> tuple[Phase, EpochReport, int]:
    first, report = _timed_epoch(method)
    validated, validation, passes = watch.validation(method), 0.0, [first]
    while len(passes) == 1 or sum(passes) < seconds:
        if len(passes) == 1 and first > seconds:  # one of them has to do
            return Phase(epochs, first, validated), report, 1
        passed, report = _timed_epoch(method)
        passes.append(passed)
    validation, training = watch.validation(method), median(passes[1:])
    more = max(0.0, first - training) + max(0.0, validated - validation)
    return Phase(epochs, training, validation, more), report, len(passes)


def _timed_epoch(method: Method) -> tuple[float, EpochReport]:
    began = time.perf_counter()
    report = method.train_epoch()
    return time.perf_counter() - began, report

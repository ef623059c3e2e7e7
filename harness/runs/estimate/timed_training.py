"""Real training steps and real validation, a few of them, timed in this process."""

from collections.abc import Callable
from dataclasses import dataclass, field
from statistics import fmean, median
from typing import TYPE_CHECKING, Any

from harness.models.batches import BatchSampler
from harness.models.timed_batches import TimedBatches
from harness.plugins import EpochReport, Method, Problem
from harness.plugins.registry import registry
from harness.runs.estimate.cost import Phase, TrainingCost, epoch_seconds
from harness.runs.estimate.stopwatch import Stopwatch
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


@dataclass(frozen=True)
class TimedTraining:
    """A method that has been trained for a moment, and what its training takes.

    Attributes:
        method: in the last phase of its training
        cost: of all of it
        report: of the last epoch that was begun
        score: of the last validation
        steps: how many steps, or whole epochs, were timed
        scoring: seconds of one user's scores, where ``method`` stands in for one whose scores cost more
        peak_memory: bytes, where the fit was told from parts and not made
    """

    method: Method
    cost: TrainingCost
    report: EpochReport
    score: ValidationScore
    steps: int
    scoring: float = 0.0
    peak_memory: float | None = None


@dataclass
class _Timer:
    """Seconds of one phase.

    Attributes:
        watch: counts seconds
        judge: validates
        users: some user, to have the method work out what its scores need once
        more_users: users that are validated really for each one that is validated here
    """

    watch: Stopwatch
    judge: Judge
    users: "torch.Tensor"
    more_users: float
    score: ValidationScore = field(init=False)

    def validation(self, method: Method) -> float:
        began = self.watch.now()
        method.score(self.users)
        ready = self.watch.now()
        self.score = self.judge(method)
        return ready - began + (self.watch.now() - ready) * self.more_users

    def epoch(self, method: Method) -> tuple[float, EpochReport]:
        began = self.watch.now()
        report = method.train_epoch()
        return self.watch.now() - began, report


def timed_training(
    spec: RunSpec, problem: Problem, judge: Judge, more_users: float, watch: Stopwatch, seconds: float = SECONDS
) -> TimedTraining:
    """Prepare the method of ``spec`` and train it for a moment, in every phase that its training has.

    Args:
        judge: validates; perhaps on a sample of users
        more_users: users that are validated really for each one of that sample
        watch: counts seconds
        seconds: of steps that count, about

    Raises:
        HarnessError: as the training itself would fail.
    """
    import torch

    timer = _Timer(watch, judge, torch.zeros(1, dtype=torch.int64, device=problem.device), more_users)
    with mishaps(spec.method, spec.config):
        return _timed(spec, problem, timer, seconds)


def _timed(spec: RunSpec, problem: Problem, timer: _Timer, seconds: float) -> TimedTraining:
    kind = registry.get("method", spec.method)
    parts = kind.phases(spec.config, spec.training.max_epochs) if kind.iterative else [(1, spec.config)]
    building, phases, steps = 0.0, [], 0
    for epochs, config in parts:
        if not epochs:
            continue
        began = timer.watch.now()
        method = _prepared(kind, config, problem)
        building = building or timer.watch.now() - began  # the model is built once, whatever is timed here
        phase, report, counted = (_phase if kind.iterative else _whole)(method, epochs, timer, seconds)
        phases.append(phase)
        steps += counted
    return TimedTraining(method, TrainingCost(building, tuple(phases)), report, timer.score, steps)


def _prepared(kind: type[Method], config: Any, problem: Problem) -> Method:
    method = kind(config)
    method.prepare(problem)
    return method


def _whole(method: Method, epochs: int, timer: _Timer, seconds: float) -> tuple[Phase, EpochReport, int]:
    """A closed form has one epoch, which is made as a whole."""
    trained, report = timer.epoch(method)
    return Phase(epochs, trained, timer.validation(method)), report, 1


def _phase(method: Method, epochs: int, timer: _Timer, seconds: float) -> tuple[Phase, EpochReport, int]:
    """Steps of a method whose batches come from a sampler; whole epochs of any other."""
    sampler = getattr(method, "batches", None)
    if not isinstance(sampler, BatchSampler):
        return _epochs(method, epochs, timer, seconds)
    few = TimedBatches(sampler, WARMING_UP, 0.0, timer.watch.now)
    method.batches = few  # type: ignore[attr-defined]
    first = _first_epoch(method, timer, seconds)
    validated = timer.validation(method)
    few.least, few.seconds = STEPS, seconds
    spent, steps, whole = 0.0, 0, list[float]()
    while spent < seconds:
        passed, report = timer.epoch(method)
        around = passed - sum(few.steps)
        whole.append(epoch_seconds(few.steps, around, len(few)))
        spent += passed
        steps += len(few.steps)
    method.batches = sampler  # type: ignore[attr-defined]
    validation = timer.validation(method)
    # What as few steps as the warm-up had cost now; what that had beyond it, the first epoch of a training has.
    usual = epoch_seconds(few.steps[:WARMING_UP], around, min(WARMING_UP, len(few)))
    more = max(0.0, first - usual) + max(0.0, validated - validation)
    return Phase(epochs, median(whole), validation, more), report, steps


def _first_epoch(method: Method, timer: _Timer, seconds: float) -> float:
    """Seconds of it; of a stage of its own that it begins with a few steps are made, and the others told from them."""
    name, steps = method.first_stage(method.config)
    if not steps:
        return timer.epoch(method)[0]
    sampler = getattr(method, name)
    few = TimedBatches(sampler, WARMING_UP + STEPS, seconds, timer.watch.now)
    setattr(method, name, few)
    passed, _ = timer.epoch(method)
    setattr(method, name, sampler)
    made = len(few.steps)
    if made >= steps - 1:  # the last step of all is not timed by itself
        return passed
    return passed + (steps - made) * fmean(few.steps[WARMING_UP:] or few.steps)


def _epochs(method: Method, epochs: int, timer: _Timer, seconds: float) -> tuple[Phase, EpochReport, int]:
    first, report = timer.epoch(method)
    validated, validation, passes = timer.validation(method), 0.0, [first]
    while len(passes) == 1 or sum(passes) < seconds:
        if len(passes) == 1 and first > seconds:  # one of them has to do
            return Phase(epochs, first, validated), report, 1
        passed, report = timer.epoch(method)
        passes.append(passed)
    validation, training = timer.validation(method), median(passes[1:])
    more = max(0.0, first - training) + max(0.0, validated - validation)
    return Phase(epochs, training, validation, more), report, len(passes)

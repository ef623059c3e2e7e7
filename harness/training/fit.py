"""The epoch loop: train, look at validation, keep the best epoch, stop when patience runs out."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from harness.base import interrupts
from harness.domain.metric_key import MetricKey
from harness.plugins import EpochReport, Method
from harness.spec.options import TrainingOptions
from harness.training.mishaps import Diverged, look_at

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class ValidationScore:
    """What validation says of an epoch.

    Attributes:
        value: its accuracy, NDCG at the headline cut-off
        metrics: by key, which names no split
        preference: what the selection rule compares, part by part, larger being better; empty: the value alone
    """

    value: float
    metrics: dict[MetricKey, float]
    preference: tuple[float, ...] = ()

    @property
    def compared(self) -> tuple[float, ...]:
        """What is compared between epochs."""
        return self.preference or (self.value,)


@dataclass(frozen=True)
class EarlyStopping:
    """The state of the search for the best epoch; pure: :meth:`after` returns the next state.

    Patience is counted from the last epoch that the rule preferred to all before it or that was more accurate than all
    before it, whichever came later. So a rule other than ``best_ndcg`` never stops a training earlier than that one
    would: an epoch that is fair because little has been learnt does not end what is still learning, and a model that
    has learnt all it can may go on becoming fairer.
    """

    patience: int
    best: tuple[float, ...] = ()
    best_epoch: int = 0
    value: float = float("-inf")
    value_epoch: int = 0
    epoch: int = 0

    def after(self, score: ValidationScore) -> "EarlyStopping":
        """The state after one more epoch; a tie keeps the earlier epoch."""
        epoch, state = self.epoch + 1, self
        if score.compared > self.best:
            state = replace(state, best=score.compared, best_epoch=epoch)
        if score.value > self.value:
            state = replace(state, value=score.value, value_epoch=epoch)
        return replace(state, epoch=epoch)

    @property
    def improved(self) -> bool:
        """Whether the last epoch is the best so far."""
        return self.epoch == self.best_epoch

    @property
    def exhausted(self) -> bool:
        """Whether patience has run out."""
        return self.epoch - max(self.best_epoch, self.value_epoch) >= self.patience


@dataclass(frozen=True)
class Epoch:
    """One epoch as it is recorded; ``seconds`` is training alone, without validation."""

    number: int
    report: EpochReport
    validation: ValidationScore
    best: bool
    seconds: float


@dataclass
class Fit:
    """A finished training. The method holds the state of the best epoch."""

    epochs: list[Epoch] = field(default_factory=list)
    best_epoch: int = 0

    @property
    def seconds(self) -> float:
        """Training time without validation."""
        return sum(epoch.seconds for epoch in self.epochs)

    @property
    def seconds_per_epoch(self) -> float:
        """The median epoch's training time: the first ones also pay for memory and caches."""
        return statistics.median(epoch.seconds for epoch in self.epochs)

    @property
    def best(self) -> Epoch:
        """The epoch that was kept."""
        return self.epochs[self.best_epoch - 1]


@dataclass
class Progress:
    """How far a training has come, between two epochs; with the method's own state, all that the rest depends on.

    Attributes:
        stopping: the search for the best epoch
        epochs: those that have ended
        kept: the method's state in the best of them
    """

    stopping: EarlyStopping
    epochs: list[Epoch] = field(default_factory=list)
    kept: "dict[str, torch.Tensor]" = field(default_factory=dict)


class Checkpoints(Protocol):
    """Where the progress of a training is kept, so that it can go on after an interruption."""

    def begin(self, method: Method) -> Progress | None:
        """What has been kept of this training, put back into the prepared ``method``; None: nothing that is of use."""

    def epoch_ended(self, method: Method, progress: Progress) -> None:
        """Keep it, where that is due. May raise KeyboardInterrupt, where an end has been asked for meanwhile."""


def fit(
    method: Method,
    validate: Callable[[Method], ValidationScore],
    options: TrainingOptions,
    on_epoch: Callable[[Epoch], None],
    checkpoints: Checkpoints | None = None,
) -> Fit:
    """Train a prepared method and leave it in the state of its best epoch.

    Args:
        method: after ``prepare``
        validate: scores the method on validation data; this function never sees any data itself
        options: epochs and patience
        on_epoch: told of every epoch as it ends; at once of those that a checkpoint holds
        checkpoints: where progress is kept and found; None: the training begins at its first epoch

    Raises:
        Diverged: where the training loss is not finite.
    """
    if not method.iterative:
        checkpoints = None  # what one step makes is made again as fast as it is read
    progress = (checkpoints and checkpoints.begin(method)) or Progress(EarlyStopping(options.patience))
    for epoch in progress.epochs:
        on_epoch(epoch)
    for number in range(len(progress.epochs) + 1, (options.max_epochs if method.iterative else 1) + 1):
        if progress.stopping.exhausted:
            break
        start = time.perf_counter()
        report = method.train_epoch()
        seconds = time.perf_counter() - start
        if not abs(report.loss) < float("inf"):
            raise Diverged(
                f"{method.name} diverged in epoch {number}: training loss {report.loss}{look_at(method.config)}"
            )
        score = validate(method)
        progress.stopping = progress.stopping.after(score)
        if progress.stopping.improved:
            progress.kept = method.state()
        epoch = Epoch(number, report, score, progress.stopping.improved, seconds)
        progress.epochs.append(epoch)
        on_epoch(epoch)
        if checkpoints is not None:
            checkpoints.epoch_ended(method, progress)
        interrupts.check()
    method.restore(progress.kept)
    return Fit(progress.epochs, progress.stopping.best_epoch)

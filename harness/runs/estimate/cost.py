"""The model of what a run takes: steps make epochs, epochs phases, phases a training. Nothing is timed here."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean


def epoch_seconds(steps: Sequence[float], around: float, whole: int) -> float:
    """Seconds of an epoch of ``whole`` steps.

    Args:
        steps: seconds of its first ones; the very first may have more to do than the others
        around: what the epoch takes beside its steps
    """
    first, *others = steps
    return around + first + (whole - 1) * (fmean(others) if others else first)


@dataclass(frozen=True)
class Phase:
    """Epochs that cost the same.

    Attributes:
        epochs: how many there are, at most
        training: seconds of training one
        validation: seconds of its validation
        first: seconds that the first one takes more
    """

    epochs: int
    training: float
    validation: float
    first: float = 0.0

    def seconds(self, epochs: int) -> float:
        """Of so many of them."""
        return epochs * (self.training + self.validation) + (self.first if epochs else 0.0)


@dataclass(frozen=True)
class TrainingCost:
    """What a training takes.

    Attributes:
        building: seconds until the model is there
        phases: in their order; a closed form has one epoch
    """

    building: float
    phases: tuple[Phase, ...]

    @property
    def epochs(self) -> int:
        """How many there are, at most."""
        return sum(phase.epochs for phase in self.phases)

    @property
    def longest(self) -> Phase:
        """The phase that most epochs belong to."""
        return max(self.phases, key=lambda phase: phase.epochs)

    def seconds(self, epochs: int | None = None) -> float:
        """Of so many epochs, or of all."""
        left = self.epochs if epochs is None else min(epochs, self.epochs)
        total = self.building
        for phase in self.phases:
            total += phase.seconds(min(left, phase.epochs))
            left -= min(left, phase.epochs)
        return total


@dataclass(frozen=True)
class RunCost:
    """What a run takes once its data are there.

    Attributes:
        training: the method's
        test: seconds of measuring it on test data and of keeping what it leaves
        origins: seconds of saying where unfairness comes from, beside ``fresh``
        fresh: the reference that is trained on learnt vectors for that; None: there is none
    """

    training: TrainingCost
    test: float = 0.0
    origins: float = 0.0
    fresh: TrainingCost | None = None

    def seconds(self, epochs: int | None = None, fresh_epochs: int | None = None) -> float:
        """Of so many epochs, or of all that there may be."""
        fresh = 0.0 if self.fresh is None else self.fresh.seconds(fresh_epochs)
        return self.training.seconds(epochs) + self.test + self.origins + fresh


def growth(sizes: tuple[float, float], costs: tuple[float, float], size: float, most: float) -> float:
    """What a thing of ``size`` costs, by the power law through two smaller ones, whose exponent is at most ``most``."""
    from math import log

    (small, large), (less, more) = sizes, costs
    exponent = log(more / less) / log(large / small) if 0 < less < more else 0.0
    return more * (size / large) ** min(max(exponent, 1.0), most)

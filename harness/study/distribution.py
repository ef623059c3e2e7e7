"""A declared range as Optuna has it."""

from typing import TYPE_CHECKING

from harness.study.study_spec import Axis

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution


def distribution(axis: Axis) -> "BaseDistribution":
    """What Optuna draws values of ``axis`` from."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if axis.choices:
        return CategoricalDistribution(axis.choices)
    low, high = axis.ends
    return (IntDistribution if axis.integer else FloatDistribution)(low, high, log=axis.log)

"""Disparity of expected exposure."""

from typing import ClassVar, Literal

from harness.builtin.metrics._expected_exposure import disparity
from harness.domain.top_k import TopK, Values
from harness.plugins import Metric


class EED(Metric):
    """How concentrated exposure is, whoever gets it.

    ε as for EE-L. A list that is always the same for its user has (1 − γ^2K) / (1 − γ²) whatever is in it, and a
    shorter one less: differences are to be seen between stochastic recommenders, and those that fill their lists or do
    not.
    """

    name: ClassVar[str] = "ee_d"
    summary: ClassVar[str] = (
        "concentration of items' exposure in a user's list; constant where lists are full (expected exposure disparity)"
    )
    better: ClassVar[Literal["lower", "higher", "neither"]] = "lower"
    on_request: ClassVar[bool] = True
    equation: ClassVar[str] = "‖ε‖²"
    reference: ClassVar[str] = (
        "Diaz et al., Evaluating stochastic rankings with expected exposure, CIKM 2020, arXiv 2004.13157"
    )

    @staticmethod
    def of(top: TopK) -> Values:
        """Of each user, shape (u,), at least 0."""
        return disparity(top)

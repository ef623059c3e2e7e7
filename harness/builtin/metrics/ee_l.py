"""Loss of expected exposure."""

from typing import ClassVar, Literal

from harness.builtin.metrics._expected_exposure import disparity, of_the_ideal, relevance
from harness.domain.top_k import TopK, Values
from harness.plugins import Metric


class EEL(Metric):
    """How far a list is from giving all targets the same exposure, and all other items the same.

    ε is the exposure of items in the user's list, γ^(r−1) at rank r with γ = 0.5, and ε* that of the ideal, which
    ranks all targets first, in any order equally often. A list that is always the same cannot reach 0 where a user has
    two targets; of such lists it is EE-D − EE-R + ‖ε*‖² with EE-D as good as constant, so it orders recommenders as
    EE-R does.
    """

    name: ClassVar[str] = "ee_l"
    summary: ClassVar[str] = (
        "squared distance of items' exposure from the ideal that treats all targets alike (expected exposure loss)"
    )
    better: ClassVar[Literal["lower", "higher", "neither"]] = "lower"
    on_request: ClassVar[bool] = True
    equation: ClassVar[str] = "‖ε − ε*‖²"
    reference: ClassVar[str] = (
        "Diaz et al., Evaluating stochastic rankings with expected exposure, CIKM 2020, arXiv 2004.13157"
    )

    @staticmethod
    def of(top: TopK) -> Values:
        """Of each user, shape (u,), at least 0."""
        return disparity(top) - relevance(top) + top.judged.once(of_the_ideal)

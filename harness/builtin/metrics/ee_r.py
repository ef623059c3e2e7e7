"""Relevance of expected exposure."""

from typing import ClassVar, Literal

from harness.builtin.metrics._expected_exposure import relevance
from harness.domain.top_k import TopK, Values
from harness.plugins import Metric


class EER(Metric):
    """How much exposure goes to those who should have it.

    ε and ε* as for EE-L. With the factor 2 of the decomposition EE-L = EE-D − EE-R + ‖ε*‖², as Raj and Ekstrand, SIGIR
    2022, have it; the authors' evaluator prints half of it.
    """

    name: ClassVar[str] = "ee_r"
    summary: ClassVar[str] = (
        "agreement of items' exposure with the ideal that treats all targets alike (expected exposure relevance)"
    )
    better: ClassVar[Literal["lower", "higher", "neither"]] = "higher"
    on_request: ClassVar[bool] = True
    equation: ClassVar[str] = "2 Σ_i ε_i ε*_i"
    reference: ClassVar[str] = (
        "Diaz et al., Evaluating stochastic rankings with expected exposure, CIKM 2020, arXiv 2004.13157"
    )

    @staticmethod
    def of(top: TopK) -> Values:
        """Of each user, shape (u,), at least 0."""
        return relevance(top)

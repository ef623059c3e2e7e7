"""Average coverage of long-tail items."""

from typing import ClassVar, Literal

from harness.builtin.metrics._long_tail import listed_of_tail
from harness.domain.top_k import TopK, Values
from harness.plugins import Metric


class ACLT(Metric):
    """How many items that are not popular users are shown.

    As the paper's equation has it, which counts items of each list; its text speaks of the part of the long tail that
    is covered, which that is not: of lists of K items it is K times APLT. Γ as for APLT. Undefined (NaN) where no
    training interactions are known.
    """

    name: ClassVar[str] = "aclt"
    summary: ClassVar[str] = (
        "number of items of a user's list that are of the long tail (80/20 of training interactions)"
    )
    better: ClassVar[Literal["lower", "higher", "neither"]] = "higher"
    on_request: ClassVar[bool] = True
    equation: ClassVar[str] = "Σ_{i∈L_u} 1(i ∈ Γ), Γ the long tail"
    reference: ClassVar[str] = "Abdollahpouri, Burke and Mobasher, FLAIRS 2019, arXiv 1901.07555, eq. 7"

    @staticmethod
    def of(top: TopK) -> Values:
        """Of each user, shape (u,), in [0, K]."""
        return listed_of_tail(top)

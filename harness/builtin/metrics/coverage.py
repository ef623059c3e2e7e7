"""Item coverage."""

from typing import ClassVar, Literal

from harness.domain.top_k import TopK
from harness.plugins import Metric


class Coverage(Metric):
    """How much of the catalogue anybody is shown."""

    name: ClassVar[str] = "coverage"
    summary: ClassVar[str] = "share of the catalogue that is in at least one list"
    better: ClassVar[Literal["lower", "higher", "neither"]] = "higher"
    equation: ClassVar[str] = "|∪_u L_u| / n_items"
    reference: ClassVar[str] = "Herlocker et al., ACM TOIS 22(1), 2004: catalogue coverage"

    @staticmethod
    def of(top: TopK) -> float:
        """Of all lists, in [0, 1]."""
        return float((top.exposure > 0).mean())

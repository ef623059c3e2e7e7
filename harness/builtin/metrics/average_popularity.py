"""Average popularity of what is recommended."""

from typing import ClassVar, Literal

from harness.domain.top_k import TopK
from harness.plugins import Metric


class AveragePopularity(Metric):
    """In training interactions. Undefined (NaN) where no training interactions are known or nothing is listed."""

    name: ClassVar[str] = "average_popularity"
    summary: ClassVar[str] = "mean number of training interactions of a listed item"
    better: ClassVar[Literal["lower", "higher", "neither"]] = "neither"
    equation: ClassVar[str] = "Σ_u Σ_{i∈L_u} (training interactions of i) / Σ_u |L_u|"
    reference: ClassVar[str] = "Yin et al., VLDB 5(9), 2012; Abdollahpouri et al., FLAIRS 2019: ARP"

    @staticmethod
    def of(top: TopK) -> float:
        """Of all lists, in interactions."""
        total = top.exposure.sum()
        if top.popularity is None or not total:
            return float("nan")
        return float(top.exposure @ top.popularity / total)

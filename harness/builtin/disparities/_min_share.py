"""MIN@q: the mean utility of the worst share of groups, for any whole percentage; ``min10`` is of the worst tenth."""

import re
from typing import ClassVar, Literal

import numpy as np
import numpy.typing as npt

from harness.plugins import Disparity
from harness.stats.inequality import NAN, worst

_NAME = re.compile(r"min[-_]?([1-9]\d?|100)", re.IGNORECASE)


class MinShare(Disparity):
    """What the worst-served ``percent`` % of groups get. One group: its utility. All utilities 0: 0. No group: NaN."""

    percent: ClassVar[int]
    better: ClassVar[Literal["lower", "higher"]] = "higher"
    reference: ClassVar[str] = "BiFair, arXiv 2507.04294 (MIN@q)"

    @classmethod
    def of(cls, utilities: npt.NDArray[np.float64]) -> float:
        """Mean of the ⌈percent/100·n⌉ smallest utilities."""
        return float(worst(utilities, cls.percent / 100).mean()) if len(utilities) else NAN


def of_name(name: str) -> type[MinShare] | None:
    """The disparity that ``min1`` … ``min100`` name; None for any other name."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    percent = int(found[1])
    members = {
        "name": f"min{percent}",
        "summary": f"mean utility of the worst {percent} % of groups",
        "equation": f"mean of the ⌈{percent / 100:g}·n⌉ smallest u_g",
        "percent": percent,
        "__doc__": MinShare.__doc__,
        "__module__": __name__,
    }
    return type(f"Min{percent}", (MinShare,), members)

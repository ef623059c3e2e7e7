"""Mean utility of the worst quarter of groups."""

from typing import ClassVar

from harness.builtin.disparities._min_share import MinShare


class Min25(MinShare):
    """What the worst-served quarter of groups gets. One group: its utility. All utilities 0: 0. No group: NaN."""

    name: ClassVar[str] = "min25"
    summary: ClassVar[str] = "mean utility of the worst quarter of groups; any other share likewise: min10, min50, …"
    equation: ClassVar[str] = "mean of the ⌈0.25·n⌉ smallest u_g"
    reference: ClassVar[str] = "BiFair, arXiv 2507.04294 (MIN@25 %)"
    percent: ClassVar[int] = 25

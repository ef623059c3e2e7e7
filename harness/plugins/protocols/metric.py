"""A metric of top-K lists: accuracy, or what the lists show."""

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Literal

from harness.plugins.protocols.plugin import Plugin

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from harness.domain.top_k import TopK


class Metric(Plugin):
    """A value of each user, or one number of all lists; a pure function with an equation and a source.

    Notation of equations: rel_r is 1 where the item at rank r (from 1) is a target of the user and ``|R|`` the number
    of the user's targets; L_u are a user's first K items and e_i is the number of lists that show item i.
    """

    better: ClassVar[Literal["lower", "higher", "neither"]]
    on_request: ClassVar[bool] = False
    """Whether it is computed only where ``evaluation.metrics`` names it, not where that is empty."""
    equation: ClassVar[str]
    reference: ClassVar[str]

    @staticmethod
    @abstractmethod
    def of(top: "TopK") -> "npt.NDArray[np.float64] | float":
        """Of every ranked user, shape (u,), whose mean is reported, or of all lists; NaN where it is undefined."""

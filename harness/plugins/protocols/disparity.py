"""A summary of how unequal groups' utilities are."""

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Literal

from harness.plugins.protocols.plugin import Plugin

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class Disparity(Plugin):
    """One number that summarises how unequal groups' utilities are; a pure function with an equation and a source."""

    better: ClassVar[Literal["lower", "higher"]]
    equation: ClassVar[str]
    reference: ClassVar[str]

    @staticmethod
    @abstractmethod
    def of(utilities: "npt.NDArray[np.float64]") -> float:
        """The disparity of the utilities of the groups that have test interactions, shape (n_groups,), n_groups ≥ 1."""

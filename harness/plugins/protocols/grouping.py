"""A fairness definition: who is grouped and how."""

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Literal

from harness.base.frozen import Frozen
from harness.plugins.protocols.plugin import Plugin, Use

if TYPE_CHECKING:
    import polars as pl

    from harness.domain.interactions import Training
    from harness.domain.membership import Membership, Side


@dataclass(frozen=True)
class GroupingInput:
    """What groups may be computed from: training data and metadata, row i describes item (user) index i."""

    training: "Training"
    items: "pl.DataFrame"
    users: "pl.DataFrame"


class Grouping(Plugin):
    """A fairness definition: who is grouped, how, what a group's utility is, and what summarises the disparity.

    The same definition serves training (group losses), evaluation and reports.
    """

    side: "Side" = "item"
    """Who is grouped; options may change it."""
    requires: tuple[str, ...] = ()
    """Columns of the items' (users') table that the grouping reads; options may change them."""
    utility: ClassVar[Literal["recall", "ndcg"]] = "recall"
    disparities: ClassVar[tuple[str, ...]] = ("cv", "min25")

    @classmethod
    def uses(cls, config: Frozen) -> Iterable[Use]:
        """What summarises the groups' utilities; a definition that is made of others adds these."""
        return [Use("disparity", name) for name in cls.disparities]

    @abstractmethod
    def assign(self, source: GroupingInput) -> "Membership":
        """The groups; everyone belongs to at least one."""

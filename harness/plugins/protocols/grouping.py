"""A fairness definition: who is grouped and how."""

from abc import abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from pydantic import Field, create_model

from harness.base.frozen import Frozen, Grown
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


class GroupingConfig(Grown):
    """What every definition can be asked; a definition's own options are a subclass."""

    later: ClassVar[tuple[str, ...]] = ("min_test",)
    min_test: int | None = Field(
        None,
        ge=0,
        description="groups with fewer test interactions (on validation: validation interactions) are left out of "
        "every disparity and named; not said: 30, and 0 for single items and users",
    )


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
    min_test: ClassVar[int] = 30
    """Groups with fewer test interactions are left out of every disparity: the utility of a handful is noise. The
    option of that name overrides it."""
    Config: ClassVar[type[Frozen]] = GroupingConfig

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Options that say nothing of ``min_test`` get it: it is an option of every definition."""
        super().__init_subclass__(**kwargs)
        own = cls.Config
        if isinstance(own, type) and issubclass(own, Frozen) and "min_test" not in own.model_fields:
            bases = (own, GroupingConfig) if own is not Frozen else (GroupingConfig,)
            cls.Config = create_model(own.__name__, __base__=bases, __doc__=own.__doc__, __module__=own.__module__)

    @classmethod
    def uses(cls, config: Frozen) -> Iterable[Use]:
        """What summarises the groups' utilities; a definition that is made of others adds these."""
        return [Use("disparity", name) for name in cls.disparities]

    @property
    def least_test(self) -> "Mapping[Side, int]":
        """By side, how many test interactions a group has at least that is judged."""
        said = getattr(self.config, "min_test", None)
        return {self.side: self.min_test if said is None else said}

    @abstractmethod
    def assign(self, source: GroupingInput) -> "Membership":
        """The groups; everyone belongs to at least one."""

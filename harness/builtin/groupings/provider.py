"""Items by who provides them."""

from typing import ClassVar

from pydantic import Field

from harness.base.frozen import Frozen
from harness.builtin.groupings._labels import as_labels, by_label, first_column
from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingConfig, GroupingInput

USUAL = (
    "provider", "brand", "publisher", "production_company", "production_companies", "company", "companies",
    "studio", "store", "author", "authors", "director", "directors",
)  # fmt: skip


class ProviderConfig(GroupingConfig):
    """Where providers are written and when one is large enough to be a group of its own."""

    column: str | None = Field(None, description=f"the items' column; unset: the first there is of {', '.join(USUAL)}")
    min_items: int = Field(15, ge=1, description="groups with fewer items are merged into 'other'")


class Provider(Grouping):
    """A group per brand, publisher, production company or whoever else stands behind an item, one or several.

    Items without a known provider form ``unlabelled``; providers of few items are merged into ``other``
    (``min_items=1`` keeps each on its own).
    """

    name = "provider"
    summary = "items by brand, publisher or production company; small ones merged into 'other'"
    Config: ClassVar[type[Frozen]] = ProviderConfig
    config: ProviderConfig

    def assign(self, source: GroupingInput) -> Membership:
        """The providers of each item.

        Raises:
            BadInput: where there is no such column, or where it holds nothing that can be a label.
        """
        column = first_column(self.name, source.items, self.config.column, USUAL)
        return by_label(self.name, self.side, as_labels(self.name, source.items[column]), self.config.min_items)

"""Items by category; an item may have several."""

from typing import ClassVar

from pydantic import Field

from harness.base.frozen import Frozen
from harness.builtin.groupings._labels import as_labels, by_label, first_column
from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingConfig, GroupingInput

USUAL = ("categories", "category", "genres", "genre", "subcategory", "shelves", "tags")


class CategoryConfig(GroupingConfig):
    """Where categories are written and when one is large enough to be a group of its own."""

    column: str | None = Field(None, description=f"the items' column; unset: the first there is of {', '.join(USUAL)}")
    min_items: int = Field(15, ge=1, description="groups with fewer items are merged into 'other'")


class Category(Grouping):
    """A group per category: one per item (text) or several (lists of text), each counting fully.

    Items without a category form ``unlabelled``; small groups are merged into ``other``.
    """

    name = "category"
    summary = "items by category, one or several per item; small ones merged into 'other'"
    Config: ClassVar[type[Frozen]] = CategoryConfig
    config: CategoryConfig

    def assign(self, source: GroupingInput) -> Membership:
        """The categories of each item.

        Raises:
            BadInput: where there is no such column, or where it holds nothing that can be a label.
        """
        column = first_column(self.name, source.items, self.config.column, USUAL)
        return by_label(self.name, self.side, as_labels(self.name, source.items[column]), self.config.min_items)

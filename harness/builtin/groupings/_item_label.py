"""What definitions share whose groups are the values of one column of the items' table, whatever it is called."""

from typing import ClassVar

from pydantic import Field

from harness.base.frozen import Frozen
from harness.builtin.groupings._labels import as_labels, by_label, first_column
from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingConfig, GroupingInput


class ItemLabelConfig(GroupingConfig):
    """Where labels are written and when one is large enough to be a group of its own."""

    column: str | None = None
    min_items: int = Field(15, ge=1, description="groups with fewer items are merged into 'other'")


class ItemLabel(Grouping):
    """A group per label: one per item (text) or several (lists of text), each counting fully.

    Items without a label form ``unlabelled``; small groups are merged into ``other``.
    """

    usual: ClassVar[tuple[str, ...]]
    """What the column may be called, where the options do not say: the first that there is."""
    Config: ClassVar[type[Frozen]] = ItemLabelConfig
    config: ItemLabelConfig

    def assign(self, source: GroupingInput) -> Membership:
        """The labels of each item.

        Raises:
            BadInput: where there is no such column, or where it holds nothing that can be a label.
        """
        column = first_column(self.name, source.items, self.config.column, self.usual)
        return by_label(self.name, self.side, as_labels(self.name, source.items[column]), self.config.min_items)

"""Items by category; an item may have several."""

from typing import ClassVar

from pydantic import Field

from harness.base.frozen import Frozen
from harness.builtin.groupings._item_label import ItemLabel, ItemLabelConfig

USUAL = ("categories", "category", "genres", "genre", "subcategory", "shelves", "tags")


class CategoryConfig(ItemLabelConfig):
    """Where categories are written and when one is large enough to be a group of its own."""

    column: str | None = Field(None, description=f"the items' column; unset: the first there is of {', '.join(USUAL)}")


class Category(ItemLabel):
    """A group per category: one per item (text) or several (lists of text), each counting fully.

    Items without a category form ``unlabelled``; small groups are merged into ``other``.
    """

    name = "category"
    summary = "items by category, one or several per item; small ones merged into 'other'"
    usual = USUAL
    Config: ClassVar[type[Frozen]] = CategoryConfig

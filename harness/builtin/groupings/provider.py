"""Items by who provides them."""

from typing import ClassVar

from pydantic import Field

from harness.base.frozen import Frozen
from harness.builtin.groupings._item_label import ItemLabel, ItemLabelConfig

USUAL = (
    "provider", "brand", "publisher", "production_company", "production_companies", "company", "companies",
    "studio", "store", "author", "authors", "director", "directors",
)  # fmt: skip


class ProviderConfig(ItemLabelConfig):
    """Where providers are written and when one is large enough to be a group of its own."""

    column: str | None = Field(None, description=f"the items' column; unset: the first there is of {', '.join(USUAL)}")


class Provider(ItemLabel):
    """A group per brand, publisher, production company or whoever else stands behind an item, one or several.

    Items without a known provider form ``unlabelled``; providers of few items are merged into ``other``
    (``min_items=1`` keeps each on its own).
    """

    name = "provider"
    summary = "items by brand, publisher or production company; small ones merged into 'other'"
    usual = USUAL
    Config: ClassVar[type[Frozen]] = ProviderConfig

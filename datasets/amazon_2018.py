"""Amazon reviews of 1996–2018: JSON lines, with pieces of web pages among titles, brands and categories."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from harness.datasets._amazon import release_card, remote
from harness.datasets._amazon_classic import ClassicReviews

from harness.base.late import pl
from harness.data.readers.raw_records import Part, json_lines
from harness.domain.card import Card, Creator, FilesSource


class Amazon2018(ClassicReviews):
    """Any category; an item's categories are the levels of its path, as far as they are words."""

    name = "amazon-2018"
    summary = "Amazon reviews 2018, any category: dataset_options.category (Video_Games)"
    known = (
        "AMAZON_FASHION", "All_Beauty", "Appliances", "Arts_Crafts_and_Sewing", "Automotive", "Books", "CDs_and_Vinyl",
        "Cell_Phones_and_Accessories", "Clothing_Shoes_and_Jewelry", "Digital_Music", "Electronics", "Gift_Cards",
        "Grocery_and_Gourmet_Food", "Home_and_Kitchen", "Industrial_and_Scientific", "Kindle_Store", "Luxury_Beauty",
        "Magazine_Subscriptions", "Movies_and_TV", "Musical_Instruments", "Office_Products", "Patio_Lawn_and_Garden",
        "Pet_Supplies", "Prime_Pantry", "Software", "Sports_and_Outdoors", "Tools_and_Home_Improvement",
        "Toys_and_Games", "Video_Games",
    )  # fmt: skip
    release: ClassVar[Card] = release_card(
        title="Amazon Reviews 2018",
        homepage="https://nijianmo.github.io/amazon/",
        citation=(
            "Jianmo Ni, Jiacheng Li and Julian McAuley. 2019. Justifying Recommendations using Distantly-Labeled "
            "Reviews and Fine-Grained Aspects. EMNLP-IJCNLP 2019. https://doi.org/10.18653/v1/D19-1018"
        ),
        creator=Creator(name="Jianmo Ni"),
    )
    card = release

    def source(self) -> FilesSource:
        """The laboratory's hosts."""
        category = self.config.category
        core = f"categoryFilesSmall/{category}_5" if self.config.reviews == "5-core" else f"categoryFiles/{category}"
        return remote("amazon_v2", f"{core}.json.gz", f"metaFiles2/meta_{category}.json.gz")

    def items(self, paths: Sequence[Path]) -> Iterable[Part]:
        """Columns ``item``, ``title``, ``brand`` and ``categories``, as published up to the first tag of a page."""
        tagged = pl.element().str.contains("<", literal=True).fill_null(False).cast(pl.Int8)
        words = pl.col("category").list.eval(pl.element().filter(tagged.cum_max() == 0)).list.slice(1)
        for part, bad in (part for path in paths for part in json_lines(path, _item_fields())):
            yield part.select(pl.col("asin").alias("item"), "title", "brand", words.alias("categories")), bad


def _item_fields() -> dict[str, pl.DataType]:
    """The fields that are read."""
    return {"asin": pl.String(), "title": pl.String(), "brand": pl.String(), "category": pl.List(pl.String())}

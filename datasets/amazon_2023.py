"""Amazon reviews of 1996–2023: JSON lines, or the same rows in Parquet as on the Hugging Face hub."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import ClassVar

from harness.datasets._amazon import NO_RECORD, AmazonReviews, release_card, remote

from harness.base.late import pl
from harness.data.readers.parquet_files import parquet_parts
from harness.data.readers.raw_interactions import Skipped, gather_interactions
from harness.data.readers.raw_records import Part, Schema, json_lines
from harness.domain.card import Card, Creator, FilesSource

_FIELDS = {"user": "user_id", "item": "parent_asin", "rating": "rating", "timestamp": "timestamp"}


class Amazon2023(AmazonReviews):
    """Any category; variants of a product (``asin``) count as one item (``parent_asin``), as the publishers advise.

    The brand is the store's name; times are published in milliseconds.
    """

    name = "amazon-2023"
    summary = "Amazon reviews 2023, any category: dataset_options.category (Video_Games)"
    known = (
        "All_Beauty", "Amazon_Fashion", "Appliances", "Arts_Crafts_and_Sewing", "Automotive", "Baby_Products",
        "Beauty_and_Personal_Care", "Books", "CDs_and_Vinyl", "Cell_Phones_and_Accessories",
        "Clothing_Shoes_and_Jewelry", "Digital_Music", "Electronics", "Gift_Cards", "Grocery_and_Gourmet_Food",
        "Handmade_Products", "Health_and_Household", "Health_and_Personal_Care", "Home_and_Kitchen",
        "Industrial_and_Scientific", "Kindle_Store", "Magazine_Subscriptions", "Movies_and_TV", "Musical_Instruments",
        "Office_Products", "Patio_Lawn_and_Garden", "Pet_Supplies", "Software", "Sports_and_Outdoors",
        "Subscription_Boxes", "Tools_and_Home_Improvement", "Toys_and_Games", "Unknown", "Video_Games",
    )  # fmt: skip
    release: ClassVar[Card] = release_card(
        title="Amazon Reviews 2023",
        homepage="https://amazon-reviews-2023.github.io/",
        citation=(
            "Yupeng Hou, Jiacheng Li, Zhankui He, An Yan, Xiusi Chen and Julian McAuley. 2024. Bridging Language and "
            "Items for Retrieval and Recommendation. arXiv:2403.03952"
        ),
        creator=Creator(name="McAuley Lab", kind="Organization"),
    )
    card = release

    def source(self) -> FilesSource:
        """The laboratory's hosts."""
        category = self.config.category
        reviews, items = f"raw/review_categories/{category}.jsonl.gz", f"raw/meta_categories/meta_{category}.jsonl.gz"
        return remote("amazon_2023", reviews, items)

    def patterns(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Also Parquet: one file of each, or folders of several as on the hub."""
        reviews, items = super().patterns()
        category = self.config.category
        return (
            (*reviews, f"{category}.parquet", f"raw_review_{category}/*.parquet"),
            (*items, f"meta_{category}.parquet", f"raw_meta_{category}/*.parquet"),
        )

    def interactions(self, paths: Sequence[Path]) -> tuple[pl.DataFrame, Skipped]:
        """The reviews as interactions, and what was left out."""
        return gather_interactions(_parts(paths, _review_fields()), _FIELDS, NO_RECORD, milliseconds=True)

    def items(self, paths: Sequence[Path]) -> Iterable[Part]:
        """Columns ``item``, ``title``, ``brand`` and ``categories``, as published."""
        for part, bad in _parts(paths, _item_fields()):
            below = pl.col("categories").list.slice(1)
            yield part.select(pl.col("parent_asin").alias("item"), "title", pl.col("store").alias("brand"), below), bad


def _parts(paths: Sequence[Path], schema: Schema) -> Iterator[Part]:
    for path in paths:
        yield from (parquet_parts if path.suffix == ".parquet" else json_lines)(path, schema)


def _review_fields() -> Schema:
    """The fields of a review that are read."""
    return {
        "user_id": pl.String(),
        "parent_asin": pl.String(),
        "rating": pl.Float64(),
        "timestamp": pl.Float64(),
    }


def _item_fields() -> Schema:
    """The fields of an item that are read."""
    return {
        "parent_asin": pl.String(),
        "title": pl.String(),
        "store": pl.String(),
        "categories": pl.List(pl.String()),
    }

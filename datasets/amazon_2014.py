"""Amazon reviews of 1996–2014: reviews in JSON, items in lines of Python dictionaries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from harness.datasets._amazon import release_card, remote
from harness.datasets._amazon_classic import ClassicReviews

from harness.base.late import pl
from harness.data.readers.raw_records import Part, python_literals
from harness.domain.card import Card, Creator, FilesSource, RemoteFile

SNAP = "http://snap.stanford.edu/data/amazon/productGraph/categoryFiles"


class Amazon2014(ClassicReviews):
    """Any category; an item's categories are those of all the paths that it stands on."""

    name = "amazon-2014"
    summary = "Amazon reviews 2014, any category: dataset_options.category (Video_Games)"
    known = (
        "Amazon_Instant_Video", "Apps_for_Android", "Automotive", "Baby", "Beauty", "Books", "CDs_and_Vinyl",
        "Cell_Phones_and_Accessories", "Clothing_Shoes_and_Jewelry", "Digital_Music", "Electronics",
        "Grocery_and_Gourmet_Food", "Health_and_Personal_Care", "Home_and_Kitchen", "Kindle_Store", "Movies_and_TV",
        "Musical_Instruments", "Office_Products", "Patio_Lawn_and_Garden", "Pet_Supplies", "Sports_and_Outdoors",
        "Tools_and_Home_Improvement", "Toys_and_Games", "Video_Games",
    )  # fmt: skip
    release: ClassVar[Card] = release_card(
        title="Amazon Reviews 2014",
        homepage="https://cseweb.ucsd.edu/~jmcauley/datasets/amazon/links.html",
        citation=(
            "Julian McAuley, Christopher Targett, Qinfeng Shi and Anton van den Hengel. 2015. Image-Based "
            "Recommendations on Styles and Substitutes. SIGIR 2015. https://doi.org/10.1145/2766462.2767755"
        ),
        creator=Creator(name="Julian McAuley"),
    )
    card = release

    def source(self) -> FilesSource:
        """The laboratory's host; SNAP has the same files."""
        core = "_5" if self.config.reviews == "5-core" else ""
        names = (f"reviews_{self.config.category}{core}.json.gz", f"meta_{self.config.category}.json.gz")
        hosted = remote("amazon/categoryFiles", *names)
        return FilesSource(
            files=tuple(
                RemoteFile(url=file.url, mirrors=(*file.mirrors, f"{SNAP}/{file.name}")) for file in hosted.files
            )
        )

    def patterns(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Also without ``reviews_``, as some copies are called."""
        reviews, items = super().patterns()
        return (*reviews, *(name.removeprefix("reviews_") for name in reviews)), items

    def items(self, paths: Sequence[Path]) -> Iterable[Part]:
        """Columns ``item``, ``title``, ``brand`` and ``categories``, as published."""
        below = pl.col("categories").list.eval(pl.element().list.slice(1).explode())
        for part, bad in (part for path in paths for part in python_literals(path, _item_fields())):
            yield part.select(pl.col("asin").alias("item"), "title", "brand", below.alias("categories")), bad


def _item_fields() -> dict[str, pl.DataType]:
    """The fields that are read."""
    return {
        "asin": pl.String(),
        "title": pl.String(),
        "brand": pl.String(),
        "categories": pl.List(pl.List(pl.String())),
    }

"""What the releases of Amazon reviews share: a category as an option, streamed reviews, items with categories."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import ClassVar

from pydantic import Field, create_model

from harness.base.errors import BadInput, unknown
from harness.base.frozen import Frozen
from harness.base.late import pl
from harness.data.readers.clean import clean, clean_lists
from harness.data.readers.raw_interactions import Skipped
from harness.data.readers.raw_records import Part
from harness.data.readers.rows import one_row_each, those_in
from harness.domain.card import Card, Creator, FilesSource, RemoteFile
from harness.domain.tables import Tables
from harness.plugins import Dataset

HOSTS = ("https://mcauleylab.ucsd.edu/public_datasets/data", "https://datarepo.eng.ucsd.edu/mcauley_group/data")
LICENCE = (
    "none is stated by the publishers (McAuley lab, UC San Diego); reviews and product texts belong to their authors "
    "and to Amazon: research use, no redistribution"
)
CATEGORY = "the category, as its files are called"
NO_RECORD = "not a record"
PAGE_CODE = "getTime"
"""Some titles are the JavaScript of a shop's page; the publishers tell them by this word."""
LOST_TITLE = "item titles: code of a web page"


class AmazonConfig(Frozen):
    """Which part of a release."""

    category: str = Field("Video_Games", description=CATEGORY)


class AmazonReviews(Dataset):
    """One category of a release: ratings (1 to 5) with times; items with title, brand and categories.

    Reviews are streamed, so that their file may be larger than memory; their texts are never kept. A subclass that is
    declared with a ``category`` has the same options, with this one as their default.
    """

    Config: ClassVar[type[Frozen]] = AmazonConfig
    config: AmazonConfig
    release: ClassVar[Card]
    """The card of the whole release, without sources."""
    known: ClassVar[tuple[str, ...]]
    """The release's categories, as its files are called."""

    def __init_subclass__(cls, category: str | None = None) -> None:
        super().__init_subclass__()
        if category is None:
            return
        default = (str, Field(category, description=CATEGORY))
        doc = "The same options, another default."
        cls.Config = create_model(
            f"{cls.__name__}Config", __base__=cls.Config, __doc__=doc, __module__=cls.__module__, category=default
        )
        cls.Config.__qualname__ = f"{cls.__qualname__}.Config"  # where pickle finds it

    def __init__(self, config: Frozen | None = None) -> None:
        super().__init__(config)
        if self.config.category not in self.known:
            raise unknown(f"category of {self.name} (dataset_options.category)", self.config.category, self.known)
        title = f"{self.release.title}: {self.config.category.replace('_', ' ')}"
        self.card = self.release.model_copy(update={"title": title, "sources": (self.source(),)})

    @abstractmethod
    def source(self) -> FilesSource:
        """Where the reviews' and the items' file are published."""

    @abstractmethod
    def interactions(self, paths: Sequence[Path]) -> tuple[pl.DataFrame, Skipped]:
        """The reviews as interactions, and what was left out."""

    @abstractmethod
    def items(self, paths: Sequence[Path]) -> Iterable[Part]:
        """Columns ``item``, ``title`` and ``brand`` (texts) and ``categories`` (lists of texts), as published."""

    def patterns(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """What the reviews' and the items' files may be called, best first: as published, or unpacked."""
        reviews, items = self.source().members
        return (reviews, reviews.removesuffix(".gz")), (items, items.removesuffix(".gz"))

    def recognises(self, folder: Path) -> bool:
        """Whether ``folder`` holds the reviews and the items of this category."""
        return all(_found(folder, patterns) for patterns in self.patterns())

    def files(self, folder: Path) -> list[Path]:
        """The files of reviews and of items."""
        return [path for patterns in self.patterns() for path in _found(folder, patterns)]

    def read(self, folder: Path) -> Tables:
        """Items have ``title``, ``brand`` and ``categories`` (every level below the first); nothing is known of users.

        Raises:
            BadInput: where a file is missing or damaged.
        """
        reviews, described = (_found(folder, patterns) for patterns in self.patterns())
        if not reviews or not described:
            wanted = " and ".join(patterns[0] for patterns in self.patterns())
            raise BadInput(f"{folder}: {wanted} are needed for the category {self.config.category}")
        interactions, skipped = self.interactions(reviews)
        items, left_out = _items(self.items(described))
        return Tables(interactions, items, those_in(interactions, "user"), skipped | left_out)


def release_card(title: str, homepage: str, citation: str, creator: Creator) -> Card:
    """The card of a whole release, without sources."""
    return Card(
        title=title,
        homepage=homepage,
        licence=LICENCE,
        citation=citation,
        creators=(creator,),
        sources=(),
        groupings=("category", "popularity", "provider", "activity"),
        default_group="category",
    )


def remote(release: str, *paths: str) -> FilesSource:
    """Files of a release on the laboratory's host, and on the one that it had before."""
    urls = [[f"{host}/{release}/{path}" for host in HOSTS] for path in paths]
    return FilesSource(files=tuple(RemoteFile(url=url, mirrors=tuple(mirrors)) for url, *mirrors in urls))


def _found(folder: Path, patterns: Iterable[str]) -> list[Path]:
    """The files of the first pattern that any file in ``folder`` fits."""
    return next((paths for pattern in patterns if (paths := sorted(folder.glob(pattern)))), [])


def _items(parts: Iterable[Part]) -> tuple[pl.DataFrame, Skipped]:
    """Readable items, and how many lines, rows and titles were left out."""
    tables, bad = [], 0
    for part, unread in parts:
        tables.append(_readable(part))
        bad += unread
    items, skipped = one_row_each(pl.concat(tables), "item")
    lost = items.filter("is_code").height
    return items.drop("is_code"), skipped | {f"items: {NO_RECORD}": bad, LOST_TITLE: lost}


def _readable(part: pl.DataFrame) -> pl.DataFrame:
    is_code = part["title"].str.contains(PAGE_CODE, literal=True).fill_null(False)
    title = clean(part["title"].zip_with(~is_code, pl.Series([None], dtype=pl.String).new_from_index(0, len(part))))
    return pl.DataFrame(
        {
            "item": part["item"].str.strip_chars(),
            "title": title,
            "brand": _brand(part["brand"]),
            "categories": clean_lists(part["categories"]),
            "is_code": is_code,
        }
    )


def _brand(brand: pl.Series) -> pl.Series:
    """``Visit Amazon's Jane Doe Page`` and ``by  Jane Doe`` are Jane Doe."""
    return clean(clean(brand).str.replace(r"^Visit Amazon's (.+) Page$|^by (.+)$", "${1}${2}"))

"""Book-Crossing: ``;`` between quoted fields, backslashes before quotes, Latin-1, and lines that are none of this."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar, Literal

from pydantic import Field

from harness.base.frozen import Frozen
from harness.base.late import pl
from harness.data.readers.clean import clean
from harness.data.readers.fields import Fields, field_lines, read_field_lines
from harness.data.readers.named_files import NamedFiles
from harness.data.readers.raw_interactions import gather_interactions
from harness.data.readers.rows import one_row_each
from harness.domain.card import ArchiveSource, Card, Creator
from harness.domain.tables import Tables

FILES = ("BX-Book-Ratings.csv", "BX-Books.csv", "BX-Users.csv")
LAYOUT = Fields(separator=";", escape="\\", encoding="latin-1")
WRONG_LENGTH = "not a line of its fields"
FIRST_YEAR, LAST_YEAR = 1450, 2005
"""Years of printed books up to the crawl; others (0, 2050) say that it is not known."""
FIRST_AGE, LAST_AGE = 5, 110
"""Ages of people who can read; others (0, 244) are no ages."""


class BookCrossingConfig(Frozen):
    """What counts as an interaction."""

    feedback: Literal["explicit", "implicit", "all"] = Field(
        "explicit", description="rated 1 to 10; or rated 0, which means: without a rating; or both, without ratings"
    )


class BookCrossing(NamedFiles):
    """1,149,780 ratings of 271,379 books by 278,858 users, crawled in August and September 2004.

    Ratings go from 1 to 10: set ``data.min_rating`` accordingly (such as 7).
    """

    names = FILES
    name = "book-crossing"
    summary = "1,149,780 book ratings (1 to 10: see data.min_rating) by 278,858 users, with publishers and ages"
    Config: ClassVar[type[Frozen]] = BookCrossingConfig
    config: BookCrossingConfig
    card = Card(
        title="Book-Crossing",
        homepage="http://www2.informatik.uni-freiburg.de/~cziegler/BX/",
        licence="freely available for research use when acknowledged by the citation",
        citation=(
            "Cai-Nicolas Ziegler, Sean M. McNee, Joseph A. Konstan and Georg Lausen. 2005. Improving Recommendation "
            "Lists Through Topic Diversification. WWW 2005. https://doi.org/10.1145/1060745.1060754"
        ),
        creators=(Creator(name="Cai-Nicolas Ziegler"),),
        sources=(
            ArchiveSource(
                url="http://www2.informatik.uni-freiburg.de/~cziegler/BX/BX-CSV-Dump.zip",
                members=FILES,
            ),
        ),
        groupings=("provider", "popularity", "release_period", "age", "activity"),
        default_group="popularity",
    )

    def read(self, folder: Path) -> Tables:
        """Items (ISBNs) have ``title``, ``author``, ``publisher``, ``year``; users ``location``, ``country``, ``age``.

        Raises:
            BadInput: where a file is missing or is not what its name says.
        """
        self.require(folder)
        names = {"user": "User-ID", "item": "ISBN", "rating": "Book-Rating"}
        ratings, skipped = gather_interactions(
            field_lines(folder / FILES[0], LAYOUT, tuple(names.values())), names, WRONG_LENGTH
        )
        interactions, left_out = _chosen(ratings, self.config.feedback)
        books, bad_books = read_field_lines(folder / FILES[1], LAYOUT, ("ISBN", "Book-Title"))
        items, repeated_books = one_row_each(_books(books), "item")
        people, bad_people = read_field_lines(folder / FILES[2], LAYOUT, ("User-ID", "Location", "Age"))
        users, repeated_people = one_row_each(_people(people), "user")
        bad = {f"items: {WRONG_LENGTH}": bad_books, f"users: {WRONG_LENGTH}": bad_people}
        return Tables(interactions, items, users, skipped | left_out | repeated_books | repeated_people | bad)


def _chosen(ratings: pl.DataFrame, feedback: str) -> tuple[pl.DataFrame, dict[str, int]]:
    if feedback == "all":
        return ratings.drop("rating"), {}
    explicit = ratings.filter(pl.col("rating") > 0)
    implicit = ratings.filter(pl.col("rating") == 0).drop("rating")
    if feedback == "explicit":
        return explicit, {"interactions: without a rating": ratings.height - explicit.height}
    return implicit, {"interactions: with a rating": ratings.height - implicit.height}


def _books(table: pl.DataFrame) -> pl.DataFrame:
    year = table["Year-Of-Publication"].cast(pl.Int64, strict=False)
    return pl.DataFrame(
        {
            "item": table["ISBN"].str.strip_chars(),
            "title": clean(table["Book-Title"]),
            "author": _known(table["Book-Author"]),
            "publisher": _known(table["Publisher"]),
            "year": year,
        }
    ).with_columns(pl.when(pl.col("year").is_between(FIRST_YEAR, LAST_YEAR)).then("year"))


def _people(table: pl.DataFrame) -> pl.DataFrame:
    location = clean(table["Location"])
    return pl.DataFrame(
        {
            "user": table["User-ID"].str.strip_chars(),
            "location": location,
            "country": _known(location.str.split(",").list.last()),
            "age": table["Age"].cast(pl.Int64, strict=False),
        }
    ).with_columns(pl.when(pl.col("age").is_between(FIRST_AGE, LAST_AGE)).then("age"))


def _known(text: pl.Series) -> pl.Series:
    """Null for what stands in for a missing value."""
    plain = clean(text)
    return plain.set(plain.str.to_lowercase().is_in(["null", "n/a"]), None)

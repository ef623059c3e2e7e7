"""What MovieLens' releases share: terms, titles with years, genres."""

from __future__ import annotations

from pathlib import Path

from harness.base.late import pl
from harness.data.readers.fields import Fields, field_lines, read_field_lines
from harness.data.readers.named_files import NamedFiles
from harness.data.readers.raw_interactions import gather_interactions
from harness.data.readers.rows import one_row_each, those_in
from harness.domain.card import Creator
from harness.domain.tables import Tables

LICENCE = (
    "research use only; no redistribution and no commercial use without GroupLens' permission; "
    "publications must acknowledge it by the citation"
)
CITATION = (
    "F. Maxwell Harper and Joseph A. Konstan. 2015. The MovieLens Datasets: History and Context. "
    "ACM Transactions on Interactive Intelligent Systems 5, 4, Article 19. https://doi.org/10.1145/2827872"
)
CREATORS = (Creator(name="GroupLens Research", kind="Organization"),)
WRONG_LENGTH = "wrong number of fields"
NO_GENRES = "(no genres listed)"
CSV_FILES = ("ratings.csv", "movies.csv")


def films(table: pl.DataFrame, item: str, full_title: str, genres: str) -> pl.DataFrame:
    """Titles such as ``Toy Story (1995)`` as ``title`` and ``year`` (of ``(1975-1979)`` the first), ``genres`` a list.

    What follows the last pair of brackets with a year is left out; a title without one has no year.
    """
    full = pl.col(full_title).str.replace_all(r"\s+", " ").str.strip_chars()
    parts = full.str.extract_groups(r"^(?<title>.+)\((?<year>\d{4})(?: ?[-–] ?(?:\d{4})?)?\)(?: ?\([^()]*\))?$")
    title = pl.coalesce(parts.struct.field("title").str.strip_chars(), full)
    words = pl.when(pl.col(genres) == NO_GENRES).then(pl.lit("")).otherwise(pl.col(genres)).str.split("|")
    return table.select(
        pl.col(item).str.strip_chars().alias("item"),
        pl.when(title != "").then(title).alias("title"),
        parts.struct.field("year").cast(pl.Int64).alias("year"),
        words.list.eval(pl.element().filter(pl.element() != "")).alias("genres"),
    )


class CsvRelease(NamedFiles):
    """The releases since 2015: ``ratings.csv`` and ``movies.csv``, quoted where a title has a comma; no users."""

    names = CSV_FILES

    def read(self, folder: Path) -> Tables:
        """Items have ``title`` (without the year), ``year`` and ``genres``; nothing is known about users.

        Raises:
            BadInput: where a file is missing or is not what its name says.
        """
        self.require(folder)
        names = {"user": "userId", "item": "movieId", "rating": "rating", "timestamp": "timestamp"}
        ratings = field_lines(folder / "ratings.csv", Fields(), tuple(names.values()))
        interactions, skipped = gather_interactions(ratings, names, WRONG_LENGTH)
        table, bad = read_field_lines(folder / "movies.csv", Fields(), ("movieId", "title", "genres"))
        items, repeated = one_row_each(films(table, "movieId", "title", "genres"), "item")
        skipped |= repeated | {f"items: {WRONG_LENGTH}": bad}
        return Tables(interactions, items, those_in(interactions, "user"), skipped)

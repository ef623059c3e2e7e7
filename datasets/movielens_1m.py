"""MovieLens-1M: ``::`` between fields, Latin-1, ages and occupations as codes."""

from __future__ import annotations

from pathlib import Path

from harness.datasets._movielens import CITATION, CREATORS, LICENCE, WRONG_LENGTH, films

from harness.base.late import pl
from harness.data.readers.fields import Fields, field_lines, read_field_lines
from harness.data.readers.named_files import NamedFiles
from harness.data.readers.raw_interactions import gather_interactions
from harness.data.readers.rows import one_row_each
from harness.domain.card import ArchiveSource, Card
from harness.domain.tables import Tables

FILES = ("ratings.dat", "movies.dat", "users.dat")

OCCUPATIONS = (
    "other", "academic/educator", "artist", "clerical/admin", "college/grad student", "customer service",
    "doctor/health care", "executive/managerial", "farmer", "homemaker", "K-12 student", "lawyer", "programmer",
    "retired", "sales/marketing", "scientist", "self-employed", "technician/engineer", "tradesman/craftsman",
    "unemployed", "writer",
)  # fmt: skip
"""By code, in the words of the release's README."""


class MovieLens1M(NamedFiles):
    """1,000,209 ratings (1 to 5) of 3,883 films by 6,040 users, 2000–2003.

    A user's age is the lower end of its band, as published: 1 (under 18), 18, 25, 35, 45, 50, 56 (and older).
    """

    names = FILES
    name = "movielens-1m"
    summary = "1,000,209 film ratings by 6,040 users, with genres, gender, age and occupation"
    card = Card(
        title="MovieLens 1M",
        homepage="https://grouplens.org/datasets/movielens/1m/",
        licence=LICENCE,
        citation=CITATION,
        creators=CREATORS,
        published="2003-02",
        sources=(
            ArchiveSource(
                url="https://files.grouplens.org/datasets/movielens/ml-1m.zip",
                md5="c4d9eecfca2ab87c1945afe126590906",
                members=tuple(f"ml-1m/{name}" for name in (*FILES, "README")),
            ),
        ),
        groupings=("genre", "popularity", "release_period", "gender", "age", "occupation", "activity"),
        default_group="genre",
    )

    def read(self, folder: Path) -> Tables:
        """Read the three files.

        Items have ``title`` (without the year), ``year`` and ``genres``; users ``gender``, ``age``, ``occupation``
        and ``zip``.

        Raises:
            BadInput: where a file is missing or is not what its name says.
        """
        self.require(folder)
        columns = ("user", "item", "rating", "timestamp")
        ratings = field_lines(folder / "ratings.dat", _layout(*columns))
        interactions, skipped = gather_interactions(ratings, {name: name for name in columns}, WRONG_LENGTH)
        titles, bad_films = read_field_lines(folder / "movies.dat", _layout("item", "full_title", "genres"))
        items, repeated = one_row_each(films(titles, "item", "full_title", "genres"), "item")
        people, bad_people = read_field_lines(
            folder / "users.dat", _layout("user", "gender", "age", "occupation", "zip")
        )
        users, repeated_users = one_row_each(_users(people), "user")
        bad = {f"items: {WRONG_LENGTH}": bad_films, f"users: {WRONG_LENGTH}": bad_people}
        return Tables(interactions, items, users, skipped | repeated | repeated_users | bad)


def _layout(*columns: str) -> Fields:
    return Fields("::", columns, quotes=False, encoding="latin-1")


def _users(people: pl.DataFrame) -> pl.DataFrame:
    codes = {str(code): name for code, name in enumerate(OCCUPATIONS)}
    return people.with_columns(
        pl.col("age").cast(pl.Int64, strict=False),
        pl.col("occupation").replace_strict(codes, default=None, return_dtype=pl.String),
    )

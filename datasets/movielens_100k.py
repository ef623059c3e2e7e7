"""MovieLens-100K in both layouts in circulation: GroupLens' own archive, and the copy in RecBole's wheel."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

from harness.datasets._movielens import CITATION, CREATORS, LICENCE, WRONG_LENGTH

from harness.base.errors import BadInput
from harness.base.late import pl
from harness.data.readers.fields import Fields, read_field_lines
from harness.domain.card import ArchiveSource, Card, WheelSource
from harness.domain.tables import Tables
from harness.plugins import Dataset

OFFICIAL = ("u.data", "u.item", "u.user")
RECBOLE = ("ml-100k.inter", "ml-100k.item", "ml-100k.user")

RATING = ("user", "item", "rating", "timestamp")
OUR_NAMES = {"user_id": "user", "item_id": "item", "movie_title": "title", "release_year": "year", "zip_code": "zip"}

GENRES = (
    "Action", "Adventure", "Animation", "Children's", "Comedy", "Crime", "Documentary", "Drama", "Fantasy",
    "Film-Noir", "Horror", "Musical", "Mystery", "Romance", "Sci-Fi", "Thriller", "War", "Western",
)  # fmt: skip
"""The official order. The first official flag, ``unknown``, means that no genre is known: an empty list here."""

PLACEHOLDERS = ("unknown", "unkonwn")
"""What stands in for a missing title: GroupLens' word and RecBole's misspelling of it."""


class MovieLens100K(Dataset):
    """100,000 ratings (1 to 5) of 1,682 films by 943 users, 1997–1998.

    Both layouts give the same tables: item 267 has no title in either (``unknown`` and ``unkonwn``), and the mark of
    a direct-to-video film after the year (item 1412: ``… (1995) (V)``; RecBole took ``V`` for the year) is left out.
    """

    name = "movielens-100k"
    summary = "100,000 film ratings by 943 users, with genres; 938 users x 1,008 films after filtering"
    card = Card(
        title="MovieLens 100K",
        homepage="https://grouplens.org/datasets/movielens/100k/",
        licence=LICENCE,
        citation=CITATION,
        creators=CREATORS,
        published="1998-04",
        sources=(
            ArchiveSource(
                url="https://files.grouplens.org/datasets/movielens/ml-100k.zip",
                sha256="50d2a982c66986937beb9ffb3aa76efe955bf3d5c6b761f4e3a7cd717c6a3229",
                members=tuple(f"ml-100k/{name}" for name in (*OFFICIAL, "u.genre", "README")),
            ),
            WheelSource(
                requirement="recbole==1.2.1",
                sha256="9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407",
                members=tuple(f"recbole/dataset_example/ml-100k/{name}" for name in RECBOLE),
            ),
        ),
        groupings=("genre", "popularity"),
        default_group="genre",
        further_groupings=("gender", "age", "occupation", "activity", "release_period"),
    )

    def recognises(self, folder: Path) -> bool:
        """Whether ``folder`` holds the three files of either layout."""
        return any(all((folder / name).is_file() for name in layout) for layout in (OFFICIAL, RECBOLE))

    def read(self, folder: Path) -> Tables:
        """Read either layout into the same tables.

        Items have ``title`` (without the year), ``year`` and ``genres``; users ``age``, ``gender``, ``occupation``
        and ``zip``.

        Raises:
            BadInput: where a file is missing or is not what its name says.
        """
        if not self.recognises(folder):
            raise BadInput(f"{folder}: neither {', '.join(OFFICIAL)} nor {', '.join(RECBOLE)}")
        official = all((folder / name).is_file() for name in OFFICIAL)
        (ratings, bad_ratings), (films, bad_films), (people, bad_people) = (
            _official(folder) if official else _recbole(folder)
        )
        interactions = _interactions(ratings)
        items = _items(films)
        users = _users(people)
        skipped = {
            f"interactions: {WRONG_LENGTH}": bad_ratings,
            "interactions: rating is not a number": ratings.height - interactions.height,
            f"items: {WRONG_LENGTH}": bad_films,
            "items: repeated id": films.height - items.height,
            f"users: {WRONG_LENGTH}": bad_people,
            "users: repeated id": people.height - users.height,
        }
        return Tables(interactions, items, users, skipped)


Read: TypeAlias = "tuple[pl.DataFrame, int]"


def _official(folder: Path) -> tuple[Read, Read, Read]:
    """GroupLens' files; genres are flags, the year is part of the title."""
    flags = ("unknown", *GENRES)
    ratings = read_field_lines(folder / "u.data", Fields("\t", RATING, quotes=False))
    films, bad = read_field_lines(folder / "u.item", _bars("item", "full_title", "released", "video", "url", *flags))
    genres = _in_official_order(lambda genre: pl.col(genre) == "1")
    people = read_field_lines(folder / "u.user", _bars("user", "age", "gender", "occupation", "zip"))
    return ratings, (films.select("item", "full_title", genres), bad), people


def _bars(*columns: str) -> Fields:
    return Fields("|", columns, quotes=False, encoding="latin-1")


def _recbole(folder: Path) -> tuple[Read, Read, Read]:
    """RecBole's files; genres are words, the year (or whatever stood in the last brackets) has its own column."""
    tabs = Fields("\t", quotes=False)
    ratings = read_field_lines(folder / "ml-100k.inter", tabs, RATING, named=_our_name)
    films, bad = read_field_lines(folder / "ml-100k.item", tabs, ("item", "title", "year", "class"), named=_our_name)
    dated = pl.format("{} ({})", "title", "year")
    full_title = pl.when(pl.col("year").is_in(PLACEHOLDERS)).then("title").otherwise(dated).alias("full_title")
    words = pl.col("class").str.split(" ")
    genres = _in_official_order(lambda genre: words.list.contains(genre))
    described = ("user", "age", "gender", "occupation", "zip")
    people = read_field_lines(folder / "ml-100k.user", tabs, described, named=_our_name)
    return ratings, (films.select("item", full_title, genres), bad), people


def _our_name(field: str) -> str:
    """RecBole writes ``user_id:token``."""
    name = field.partition(":")[0]
    return OUR_NAMES.get(name, name)


def _in_official_order(has: Callable[[str], pl.Expr]) -> pl.Expr:
    """The genres that ``has`` confirms, as a list in the official order."""
    return pl.concat_list(pl.when(has(genre)).then(pl.lit(genre)) for genre in GENRES).list.drop_nulls().alias("genres")


def _interactions(ratings: pl.DataFrame) -> pl.DataFrame:
    return ratings.with_columns(
        pl.col("rating").cast(pl.Float64, strict=False),
        pl.col("timestamp").cast(pl.Float64, strict=False).cast(pl.Int64, strict=False),
    ).filter(pl.col("rating").is_finite())


def _items(films: pl.DataFrame) -> pl.DataFrame:
    """Titles such as ``Toy Story (1995)`` or ``… (1995) (V)`` as title and year; placeholders are missing titles."""
    full = pl.col("full_title").str.replace_all(r"\s+", " ").str.strip_chars()
    parts = full.str.extract_groups(r"^(?<title>.*)\((?<year>\d{4})\)(?: ?\([^()]*\))?$")
    year = parts.struct.field("year").cast(pl.Int64)
    title = pl.when(year.is_not_null()).then(parts.struct.field("title").str.strip_chars()).otherwise(full)
    missing = year.is_null() & title.str.to_lowercase().is_in(PLACEHOLDERS)
    return films.unique("item", keep="first", maintain_order=True).select(
        "item", pl.when(~missing).then(title).alias("title"), year.alias("year"), "genres"
    )


def _users(people: pl.DataFrame) -> pl.DataFrame:
    return people.unique("user", keep="first", maintain_order=True).with_columns(
        pl.col("age").cast(pl.Int64, strict=False)
    )

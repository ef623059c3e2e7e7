"""Columns as published data sets call them: each is taken for what it is."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from harness.data.guess.findings import Chosen
from harness.data.guess.new_card import new_card

N = 60
SECONDS = 1_400_000_000


def value_of(kind: str, row: int) -> str:
    """A value of a column: ``u`` and ``i`` are ids, ``k`` the row's own, ``s`` stars, ``t`` seconds, ``d`` dates."""
    user, item = row % 12, (row // 3) % 10
    values: dict[str, object] = {
        "u": f"U{user}",
        "i": 700 + item,
        "k": 9000 + row,
        "s": 1 + row % 5,
        "t": SECONDS + row * 1000,
        "d": f"2020-01-{1 + row % 28:02} 10:00:00",
        "n": 1000 + row * row,
        "c": ["Oslo", "Rome", "Lima"][user % 3],
    }
    return str(values[kind])


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        (
            {"User-ID": "u", "ISBN": "i", "Book-Rating": "s"},
            {"user": "User-ID", "item": "ISBN", "rating": "Book-Rating"},
        ),
        (
            {"user_id:token": "u", "item_id:token": "i", "rating:float": "s", "timestamp:float": "t"},
            {
                "user": "user_id:token",
                "item": "item_id:token",
                "rating": "rating:float",
                "timestamp": "timestamp:float",
            },
        ),
        (
            {"userId": "u", "movieId": "i", "rating": "s", "timestamp": "t"},
            {"user": "userId", "item": "movieId", "rating": "rating", "timestamp": "timestamp"},
        ),
        ({"userID": "u", "artistID": "i", "weight": "n"}, {"user": "userID", "item": "artistID"}),
        (
            {
                "InvoiceNo": "k",
                "StockCode": "i",
                "Quantity": "n",
                "InvoiceDate": "d",
                "CustomerID": "u",
                "Country": "c",
            },
            {"user": "CustomerID", "item": "StockCode", "timestamp": "InvoiceDate"},
        ),
        (
            {"reviewerID": "u", "asin": "i", "overall": "s", "unixReviewTime": "t"},
            {"user": "reviewerID", "item": "asin", "rating": "overall", "timestamp": "unixReviewTime"},
        ),
        (
            {"rating": "s", "parent_asin": "i", "user_id": "u", "timestamp": "t", "helpful_vote": "n"},
            {"user": "user_id", "item": "parent_asin", "rating": "rating", "timestamp": "timestamp"},
        ),
        (
            {"review_id": "k", "user_id": "u", "business_id": "i", "stars": "s", "date": "d", "useful": "n"},
            {"user": "user_id", "item": "business_id", "rating": "stars", "timestamp": "date"},
        ),
        (
            {"session_id": "u", "item_id": "i", "event_time": "d"},
            {"user": "session_id", "item": "item_id", "timestamp": "event_time"},
        ),
        (
            {"Kundennummer": "u", "Artikelnummer": "i", "Kaufdatum": "d", "Bewertung": "s"},
            {"user": "Kundennummer", "item": "Artikelnummer", "timestamp": "Kaufdatum", "rating": "Bewertung"},
        ),
    ],
    ids=lambda layout: next(iter(layout)) if isinstance(layout, dict) else "",
)
def test_interactions(layout: dict[str, str], expected: dict[str, str], tmp_path: Path) -> None:
    lines = [list(layout), *([value_of(kind, row) for kind in layout.values()] for row in range(N))]
    (tmp_path / "ratings.tsv").write_text("\n".join("\t".join(line) for line in lines))
    card = tomllib.loads(new_card("published", [tmp_path / "ratings.tsv"], Chosen()).text)
    assert card["interactions"]["columns"] == expected


@pytest.mark.parametrize(
    ("layout", "expected"),
    [
        (
            {"ISBN": "{k}", "Book-Title": "Book {k}", "Book-Author": "Ann", "Year-Of-Publication": "{y}"},
            {"item": "ISBN", "title": "Book-Title", "author": "Book-Author", "year": {"from": "Year-Of-Publication"}},
        ),
        (
            {"book_id": "{k}", "work_id": "9{k}", "authors": "Ann, Bob", "original_title": "x", "title": "Book {k}"},
            {"item": "book_id", "title": "title", "author": {"from": "authors", "separator": ","}},
        ),
        (
            {"movieId": "{k}", "title": "Film {k} ({y})", "genres": "Drama|War"},
            {
                "item": "movieId",
                "title": "title",
                "genres": {"from": "genres", "separator": "|"},
                "year": {"from": "year"},
            },
        ),
        (
            {
                "item_id:token": "{k}",
                "movie_title:token_seq": "Film {k}",
                "release_year:token": "{y}",
                "class:token_seq": "A B",
            },
            {"item": "item_id:token", "title": "movie_title:token_seq", "year": {"from": "release_year:token"}},
        ),
    ],
    ids=lambda layout: next(iter(layout)) if isinstance(layout, dict) else "",
)
def test_items(layout: dict[str, str], expected: dict[str, Any], tmp_path: Path) -> None:
    pairs = ["user\titem", *(f"{value_of('u', row)}\t{value_of('i', row)}" for row in range(N))]
    (tmp_path / "ratings.tsv").write_text("\n".join(pairs))
    rows = [[text.format(k=700 + row, y=1980 + row) for text in layout.values()] for row in range(10)]
    (tmp_path / "things.tsv").write_text("\n".join("\t".join(row) for row in [list(layout), *rows]))
    card = tomllib.loads(new_card("published", [tmp_path / "ratings.tsv", tmp_path / "things.tsv"], Chosen()).text)
    columns = card["items"]["columns"]
    for name, declared in expected.items():
        if isinstance(declared, dict):
            assert {key: columns[name][key] for key in declared} == declared
        else:
            assert columns[name] == declared

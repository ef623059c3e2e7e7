"""The cards in tests/cards read the real data to the last row; they need HARNESS_TEST_DATA."""

import os
from pathlib import Path

import polars as pl
import pytest

from harness.data.table.card_dataset import from_card
from harness.data.table.card_file import read_card
from harness.data.table.card_folder import digest
from harness.domain.tables import Tables

CARDS = Path(__file__).parents[3] / "cards"
NAMES = sorted(path.stem for path in CARDS.glob("*.toml"))
SHAPES = {"movielens-1m": (6_040, 3_706, 1_000_209), "amazon-beauty": (22_363, 12_101, 198_502)}
"""Users, items and interactions, as their publishers state them."""
DIGESTS = {"movielens-1m": "11cc7944c2ec5703", "amazon-beauty": "f58845405a544c0a"}
"""Hashes that runs on record know these cards by."""


@pytest.mark.parametrize("name", NAMES)
def test_keys_that_came_later_leave_the_hash_of_a_card_alone(name: str) -> None:
    path = CARDS / f"{name}.toml"
    assert digest(read_card(path), path) == DIGESTS[name]


@pytest.fixture(scope="module", params=NAMES)
def read(request: pytest.FixtureRequest) -> tuple[str, Tables]:
    """A card's name and tables; skipped where the real data are not on this machine."""
    if not os.environ.get("HARNESS_TEST_DATA"):
        pytest.skip(f"the files of {request.param} are needed: set HARNESS_TEST_DATA to the folder that holds them")
    dataset = from_card(CARDS / f"{request.param}.toml")()
    return request.param, dataset.read(dataset.lies_in())


def test_every_row_is_read(read: tuple[str, Tables]) -> None:
    name, tables = read
    pairs = tables.interactions
    assert (pairs["user"].n_unique(), pairs["item"].n_unique(), pairs.height) == SHAPES[name]
    assert tables.skipped == {}


def test_every_item_has_a_title(read: tuple[str, Tables]) -> None:
    _, tables = read
    described = tables.interactions.select("item").unique().join(tables.items, on="item", how="left")
    assert described["title"].null_count() == 0


def test_years_and_genres_are_taken_apart(read: tuple[str, Tables]) -> None:
    name, tables = read
    if name != "movielens-1m":
        pytest.skip(f"{name} has no years")
    assert tables.items.filter(pl.col("item") == "1").rows(named=True) == [
        {"item": "1", "title": "Toy Story", "year": 1995, "genres": ["Animation", "Children's", "Comedy"]}
    ]
    assert tables.items["year"].is_between(1900, 2000).sum() == tables.items.height - 1
    assert tables.items["genres"].explode().n_unique() == 18
    assert tables.users["occupation"].n_unique() == 21
    assert not tables.users["occupation"].str.contains(r"^\d+$").any()

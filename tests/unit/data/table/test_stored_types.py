"""Parquet files whose columns have types of their own: the right id, or one line with file, column, type and remedy."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from harness.base.errors import BadInput
from harness.cli.app import main
from harness.data.readers.parquet_files import parquet_parts
from harness.data.table.card_columns import as_text
from harness.data.table.card_dataset import from_card
from harness.domain.tables import Tables

CARD = """
name = "own"
title = "Own"
summary = "a table"
homepage = ""
licence = "none"
citation = "none"
groupings = ["popularity"]
default_group = "popularity"
[interactions]
file = "t.parquet"
columns = { user = "u", item = "i"%s }
[items]
file = "items.parquet"
columns = { item = "i", title = %s }
"""
PLAIN: dict[str, Any] = {"u": ["a", "a", "b"], "i": ["1", "2", "1"]}
ITEMS: dict[str, Any] = {"i": ["1", "2"], "title": ["One", "Two"]}
Write = Callable[..., Path]


@pytest.fixture
def card(tmp_path: Path) -> Write:
    """``card(interactions, items, more, title)``: the card's path; ``more`` is added to the columns."""

    def write(interactions: Any = None, items: Any = None, more: str = "", title: str = '"title"') -> Path:
        pl.DataFrame(PLAIN if interactions is None else interactions).write_parquet(tmp_path / "t.parquet")
        pl.DataFrame(ITEMS if items is None else items).write_parquet(tmp_path / "items.parquet")
        (tmp_path / "own.toml").write_text(CARD % (more, title))
        return tmp_path / "own.toml"

    return write


def read(path: Path) -> Tables:
    return from_card(path)().read(path.parent)


def test_nan_is_no_item(card: Write) -> None:
    tables = read(card({"u": ["a", "a", "b"], "i": [1.0, float("nan"), 2.0]}))
    assert tables.interactions.rows() == [("a", "1"), ("b", "2")]
    assert tables.skipped == {"interactions: no item": 1}
    described = read(card(None, {"i": [1.0, float("nan")], "title": ["One", "None"]}))
    assert described.items["item"].to_list() == ["1"]
    assert described.skipped == {"items: no item": 1}


def test_numbers_that_are_none_are_no_text() -> None:
    numbers = pl.Series([1.0, 1.5, float("nan"), float("inf"), float("-inf"), None])
    assert as_text(numbers).to_list() == ["1", "1.5", None, None, None, None]


def test_nan_is_no_item_of_published_parquet_files(tmp_path: Path) -> None:
    pl.DataFrame({"item": [1.5, float("nan")]}).write_parquet(tmp_path / "p.parquet")
    ((table, _),) = parquet_parts(tmp_path / "p.parquet", {"item": pl.String()})
    assert table["item"].to_list() == ["1.5", None]


REFUSED = {
    "list": [["u1"], ["u2"], ["u1"]],
    "struct": [{"a": 1}, {"a": 2}, {"a": 1}],
    "binary": [b"\xff", b"a", b"b"],
    "duration": [dt.timedelta(1), dt.timedelta(2), dt.timedelta(3)],
    "time": [dt.time(1), dt.time(2), dt.time(3)],
}


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("side", ["u", "i"])
def test_ids_of_types_that_are_none(side: str, kind: str, card: Write) -> None:
    path = card(PLAIN | {side: REFUSED[kind]})
    key = {"u": "user", "i": "item"}[side]
    with pytest.raises(BadInput) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: interactions.columns.{key}: {path.parent / 't.parquet'} holds ")
    assert kind in message.lower()
    assert f"in '{side}': ids are text or numbers: store them as text" in message
    assert "\n" not in message


@pytest.mark.parametrize(
    ("column", "values", "message"),
    [
        (
            "rating",
            [True, False, True],
            r"holds Boolean in 'x': ratings are numbers: store 0 and 1, or leave columns\.r",
        ),
        ("rating", [[1], [2], [3]], r"holds List\(Int64\) in 'x': a rating is a number"),
        ("timestamp", [True, False, True], "holds Boolean in 'x': times are dates"),
        ("timestamp", REFUSED["duration"], r"holds Duration.* in 'x': times are dates"),
        ("timestamp", REFUSED["time"], "holds Time in 'x': times are dates"),
        ("position", REFUSED["binary"], "holds Binary in 'x': a position is a number"),
        ("part", [0, 1, 2], "holds Int64 in 'x': it says train, valid or test"),
    ],
)
def test_other_columns_of_interactions(column: str, values: list[Any], message: str, card: Write) -> None:
    with pytest.raises(BadInput, match=rf"interactions\.columns\.{column}: .*t\.parquet {message}"):
        read(card(PLAIN | {"x": values}, more=f', {column} = "x"'))


@pytest.mark.parametrize(
    ("values", "title", "message"),
    [
        ([["One"], ["Two"]], '"title"', r"holds List\(String\) in 'title': write type = 'list'"),
        (REFUSED["struct"][:2], '"title"', r"holds Struct.* in 'title': text, numbers, dates and lists of text can"),
        (REFUSED["binary"][:2], '"title"', "holds Binary in 'title'"),
        ([[[1]], [[2]]], '{ from = "title", type = "list" }', r"holds List\(List\(Int64\)\) in 'title'"),
        (REFUSED["duration"][:2], '{ from = "title", type = "number" }', "holds Duration"),
    ],
)
def test_descriptions(values: list[Any], title: str, message: str, card: Write) -> None:
    with pytest.raises(BadInput, match=rf"items\.columns\.title: .*items\.parquet {message}"):
        read(card(None, {"i": ["1", "2"], "title": values}, title=title))


def test_types_that_are_fine(card: Write) -> None:
    day = dt.date(2024, 3, 1)
    stored = {"u": pl.Series([1, 1, 2]), "i": pl.Series(["x", "y", "x"], dtype=pl.Categorical), "x": [day] * 3}
    found = read(card(stored, {"i": ["x", "y"], "title": [day, day]}, more=', timestamp = "x"'))
    assert found.interactions.rows() == [("1", "x", 1709251200), ("1", "y", 1709251200), ("2", "x", 1709251200)]
    assert found.items["title"].to_list() == ["2024-03-01"] * 2


def test_a_file_without_rows(card: Write) -> None:
    with pytest.raises(BadInput, match=r"interactions: .*t\.parquet: it has no rows$"):
        read(card({"u": pl.Series([], dtype=pl.String), "i": pl.Series([], dtype=pl.String)}))


def test_the_command_says_it_in_one_line(
    card: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    path = card(PLAIN | {"u": REFUSED["list"]})
    assert main(["data", "add", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "home" / "datasets" / "own.toml").exists()

"""Readers in blocks: the block's size changes nothing, and the quick ways agree with the careful ones."""

import csv
import gzip
import html
import io
import json
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.base.errors import BadInput
from harness.data.filter import deduplicate
from harness.data.readers.arrays import mapped_array
from harness.data.readers.clean import clean, clean_lists
from harness.data.readers.fields import Fields, read_field_lines
from harness.data.readers.raw_interactions import gather_interactions
from harness.data.readers.raw_records import json_lines
from harness.data.readers.text_blocks import blocks

cells = st.text(st.characters(exclude_characters='"\r\n\x00', exclude_categories=["Cs", "Cc"]), max_size=6)


@pytest.mark.parametrize("size", [1, 2, 7, 100])
@pytest.mark.parametrize("text", [b"", b"a\n", b"a\nbb\n\nccc", b"\n\n", b"one line that is longer than blocks"])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_blocks_are_the_file_and_end_with_lines(tmp_path: Path, size: int, text: bytes, pack: Any) -> None:
    path = tmp_path / "any name"
    path.write_bytes(pack(text))
    found = list(blocks(path, size))
    assert b"".join(found) == text
    assert all(block.endswith(b"\n") for block in found[:-1])


def test_a_line_without_an_end_is_refused(tmp_path: Path) -> None:
    """A few kB of gzip can hold gigabytes without a line's end."""
    path = tmp_path / "bomb.json.gz"
    path.write_bytes(gzip.compress(b"a" * 10**6))
    with pytest.raises(BadInput, match="this is no table of text"):
        list(blocks(path, 100, longest=1000))


@given(st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=8))
def test_unquoted_fields_agree_with_the_csv_module(tmp_path_factory: pytest.TempPathFactory, rows: Any) -> None:
    text = "".join(",".join(row) + "\n" for row in rows)
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    path.write_text(text, encoding="utf-8")
    expected = [row for row in csv.reader(io.StringIO(text)) if row]
    table, bad = read_field_lines(path, Fields(columns=("a", "b", "c")))
    assert [list(row) for row in table.rows()] == [row for row in expected if len(row) == 3]
    assert bad == sum(len(row) != 3 for row in expected)


@given(st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=8))
def test_quoted_fields_survive_a_round_trip(tmp_path_factory: pytest.TempPathFactory, rows: Any) -> None:
    """As the csv module writes them, quotes and separators inside; one unclosed quote costs one line."""
    buffer = io.StringIO()
    csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows([[f'{c}",' for c in row] for row in rows])
    path = tmp_path_factory.mktemp("csv") / "x.csv"
    path.write_text(buffer.getvalue() + '"never closed,x,y\n', encoding="utf-8")
    table, bad = read_field_lines(path, Fields(columns=("a", "b", "c")))
    assert [list(row) for row in table.rows()] == [[f'{c}",' for c in row] for row in rows if len(row) == 3]
    assert bad == 1 + sum(len(row) != 3 for row in rows)


values = st.one_of(st.none(), st.text(max_size=5), st.integers(-(2**40), 2**40), st.booleans(), st.floats(-1e6, 1e6))
objects = st.dictionaries(st.sampled_from(["user", "item", "rating", "other"]), values, max_size=4)


@given(st.lists(st.one_of(objects, st.just([1]), st.just("x")), max_size=8), st.integers(1, 60))
def test_json_lines_do_not_depend_on_blocks(tmp_path_factory: pytest.TempPathFactory, lines: Any, size: int) -> None:
    schema = {"user": pl.String(), "rating": pl.Float64()}
    path = tmp_path_factory.mktemp("json") / "x.json"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    whole, parts = (list(json_lines(path, schema, n)) for n in (2**20, size))
    assert sum(bad for _, bad in parts) == sum(bad for _, bad in whole) == sum(not isinstance(x, dict) for x in lines)
    ratings = [line.get("rating") for line in lines if isinstance(line, dict)]
    for found in (whole, parts):
        rows = [row for table, _ in found for row in table["rating"]]
        assert len(rows) == len(ratings)
        for row, rating in zip(rows, ratings, strict=True):
            if isinstance(rating, float) or (isinstance(rating, int) and not isinstance(rating, bool)):
                assert row == float(rating)
            if rating is None:
                assert row is None


@given(st.lists(st.text(max_size=12), min_size=1, max_size=6))
def test_clean_texts_are_clean(texts: list[str]) -> None:
    once = clean(pl.Series(texts, dtype=pl.String))
    for text in once.drop_nulls():
        assert text == " ".join(text.split())
        assert text
    plain = once.drop_nulls().filter(~once.drop_nulls().str.contains("[&<]"))
    escaped = pl.Series([html.escape(text) for text in plain], dtype=pl.String)
    assert clean(escaped).to_list() == plain.to_list(), "what is escaped comes back"


@pytest.mark.parametrize(
    ("raw", "plain"),
    [
        ("Tom &amp; Jerry", "Tom & Jerry"),
        ("Tom &amp;amp; Jerry", "Tom & Jerry"),
        ("a<br/>b <B CLASS='x'>c</b>", "a b c"),
        ("x < y > z", "x < y > z"),
        ("I <3 you", "I <3 you"),
        ("&lt;i&gt;it&lt;/i&gt;", "it"),
        ("<!-- hidden > --> seen", "seen"),
        ("&nbsp;\t\n ", None),
        ("", None),
        (None, None),
    ],
)
def test_clean(raw: str | None, plain: str | None) -> None:
    assert clean(pl.Series([raw], dtype=pl.String)).to_list() == [plain]


def test_lists_are_cleaned_each() -> None:
    lists = pl.Series([["A &amp; B", "", None, "A & B"], [], None, ["C"]], dtype=pl.List(pl.String))
    assert clean_lists(lists).to_list() == [["A & B"], [], [], ["C"]]


def test_ids_are_the_same_code_in_all_blocks() -> None:
    parts = [(pl.DataFrame({"u": [u], "i": [i]}), 0) for u, i in (("a", "x"), ("b", "x"), ("a", "y"), ("x", "a"))]
    table, _ = gather_interactions(parts, {"user": "u", "item": "i"}, "bad")
    assert table["user"].to_physical().to_list() == [0, 1, 0, 2]
    assert table["item"].to_physical().to_list() == [0, 0, 1, 2]
    assert table.cast(pl.String).rows() == [("a", "x"), ("b", "x"), ("a", "y"), ("x", "a")]


def test_no_block_at_all() -> None:
    table, skipped = gather_interactions([], {"user": "u", "item": "i", "rating": "r"}, "bad")
    assert table.columns == ["user", "item", "rating"]
    assert table.is_empty()
    assert skipped == {}


@pytest.mark.parametrize("kind", [pl.String, pl.Float64])
def test_a_time_that_is_not_there_is_no_time_that_cannot_be_read(kind: type[pl.DataType]) -> None:
    """Absent times are a gap; those that are lost are counted, in rows that are kept."""
    times = ["3", "", None, "soon", "later"] if kind == pl.String else [3.0, None, None, float("nan"), float("inf")]
    part = pl.DataFrame({"u": ["a", "b", "c", "d", ""], "i": ["x"] * 5, "t": pl.Series(times, dtype=kind)})
    table, skipped = gather_interactions([(part, 0)], {"user": "u", "item": "i", "timestamp": "t"}, "bad")
    assert table["timestamp"].to_list() == [3, None, None, None]
    assert skipped == {"interactions: no user or item": 1, "interactions: time is not a number, left empty": 1}


def test_arrays_are_numbers_and_nothing_is_executed(tmp_path: Path) -> None:
    np.save(tmp_path / "fine.npy", np.eye(3))
    np.testing.assert_array_equal(mapped_array(tmp_path / "fine.npy"), np.eye(3))
    (tmp_path / "empty.npy").write_bytes(b"")
    np.save(tmp_path / "objects.npy", np.array([{}]), allow_pickle=True)
    (tmp_path / "pickle.npy").write_bytes(pickle.dumps([1]))
    np.savez(tmp_path / "several.npz", a=np.eye(3))
    for name, message in (
        ("objects.npy", r"not an array of numbers .*Python objects \(pickles\) are never loaded"),
        ("pickle.npy", r"not an array of numbers .*Python objects \(pickles\) are never loaded"),
        ("several.npz", "an archive of several arrays"),
        ("empty.npy", "not an array of numbers in NumPy's format"),
        ("absent.npy", "No such file"),
    ):
        with pytest.raises(BadInput, match=message) as caught:
            mapped_array(tmp_path / name)
        assert str(caught.value).startswith(str(tmp_path / name))
        assert "unsafe" not in str(caught.value), "no advice to load it anyway"


rated = st.tuples(
    st.sampled_from("ab"), st.sampled_from("xyz"), st.integers(1, 5), st.one_of(st.none(), st.integers(0, 3))
)


@given(st.lists(rated, max_size=12))
def test_of_repeated_interactions_the_latest_stays_then_the_best(rows: list[Any]) -> None:
    """Text and categorical ids alike, against a loop."""
    schema = {"user": pl.String, "item": pl.String, "rating": pl.Float64, "timestamp": pl.Int64}
    table = pl.DataFrame([(u, i, float(r), t) for u, i, r, t in rows], schema=schema, orient="row")
    best: dict[tuple[str, str], tuple[int, float]] = {}
    for u, i, r, t in rows:
        best[u, i] = max(best.get((u, i), (-2, 0.0)), (-1 if t is None else t, float(r)))
    coded = table.cast({side: pl.Categorical(pl.Categories.random()) for side in ("user", "item")})  # type: ignore[arg-type]
    for found in (deduplicate(table), deduplicate(coded).cast({"user": pl.String, "item": pl.String})):
        assert {(u, i): (-1 if t is None else t, r) for u, i, r, t in found.rows()} == best
        assert found.height == len(best)

"""A card's files in every format give the same tables; values are typed, not guessed at."""

import csv
import gzip
import io
import math
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.base.errors import BadInput
from harness.data.table.card_columns import as_id, as_integer, as_list, as_number, as_text, typed
from harness.data.table.card_file import Column, FileSpec
from harness.data.table.table_files import read_file
from harness.data.table.times import as_seconds

PRINTABLE = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zl", "Zp")), min_size=1, max_size=8)
ROWS = st.lists(st.tuples(PRINTABLE, PRINTABLE, PRINTABLE), min_size=1, max_size=6)
FIELDS = ("a", "b", "c")


def fields_of(content: bytes, **spec: object) -> tuple[list[tuple[object, ...]], int]:
    """The rows that a file with ``content`` is read as, and how many are malformed."""
    with TemporaryDirectory() as folder:
        declared = FileSpec.model_validate({"file": "table.csv", **spec})
        path = Path(folder) / declared.file
        path.write_bytes(content)
        raw = read_file(path, declared)
        return raw.fields.rows(), raw.malformed


def as_csv(rows: list[tuple[str, ...]], separator: str, *, header: bool) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=separator).writerows([*([FIELDS] if header else []), *rows])
    return text.getvalue()


@given(rows=ROWS, separator=st.sampled_from(",;|"), header=st.booleans(), packed=st.booleans())
def test_what_the_standard_library_writes_as_csv_is_read_back(
    rows: list[tuple[str, ...]], separator: str, header: bool, packed: bool
) -> None:
    content = as_csv(rows, separator, header=header).encode()
    layout = {"header": header, "fields": () if header else FIELDS, "separator": separator}
    assert fields_of(gzip.compress(content) if packed else content, **layout) == (rows, 0)


@given(rows=st.lists(st.tuples(*[st.text("abä|,;\"'é ", min_size=1, max_size=6)] * 3), min_size=1, max_size=6))
def test_quotes_mean_nothing_between_long_separators(rows: list[tuple[str, ...]]) -> None:
    content = "\n".join("::".join(row) for row in rows).encode("latin-1")
    layout = {"file": "t.dat", "separator": "::", "header": False, "fields": FIELDS, "encoding": "latin-1"}
    assert fields_of(content, **layout) == (rows, 0)


@pytest.mark.parametrize("quote", ["", '"'])
def test_rows_of_another_length_are_counted_with_and_without_quotes(quote: str) -> None:
    content = f"a,b,c\n1,{quote}2{quote},3\n4,5\n6,7,8,9\n\n10,11,12\n"
    assert fields_of(content.encode()) == ([("1", "2", "3"), ("10", "11", "12")], 2)


def test_a_byte_order_mark_and_windows_line_ends_are_no_part_of_the_data() -> None:
    content = "\ufeffa,b\r\n1,2\r\n".encode()
    assert fields_of(content) == ([("1", "2")], 0)


def test_a_bomb_of_one_endless_line_is_refused(tmp_path: Path) -> None:
    """A hundred kilobytes that unpack to a hundred megabytes."""
    (tmp_path / "loans.csv.gz").write_bytes(gzip.compress(bytes(100 * 2**20)))
    with pytest.raises(BadInput, match=r"loans\.csv\.gz: a line of more than 64 MiB"):
        read_file(tmp_path / "loans.csv.gz", FileSpec(file="loans.csv.gz"))


def test_parquet_keeps_its_own_types(tmp_path: Path) -> None:
    frame = pl.DataFrame({"id": [3, 1], "tags": [["x"], None], "when": [datetime(2001, 1, 1, tzinfo=UTC)] * 2})
    frame.write_parquet(tmp_path / "t.parquet")
    read = read_file(tmp_path / "t.parquet", FileSpec(file="t.parquet")).fields
    assert as_text(read["id"]).to_list() == ["3", "1"]
    assert as_list(read["tags"], None).to_list() == [["x"], []]
    assert as_seconds(read["when"], "s").to_list() == [978307200] * 2


@given(st.lists(st.integers(-(2**53), 2**53), min_size=1))
def test_whole_numbers_survive_as_text_float_and_integer(numbers: list[int]) -> None:
    for values in (pl.Series(numbers), pl.Series(numbers).cast(pl.Float64), pl.Series(map(str, numbers))):
        assert as_integer(as_text(values)).to_list() == numbers
        assert as_text(values).to_list() == [str(number) for number in numbers]


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_survive_as_text(numbers: list[float]) -> None:
    assert as_number(as_text(pl.Series(map(repr, numbers)))).to_list() == numbers
    assert as_number(as_text(pl.Series(numbers))).to_list() == numbers


def test_what_is_not_of_the_type_is_null_and_marked() -> None:
    values = pl.Series(["7", " 8.0 ", "8.5", "eight", "", "?", None])
    result, bad = typed(values, Column.model_validate({"from": "x", "type": "integer"}), ("?",))
    assert result.to_list() == [7, 8, None, None, None, None, None]
    assert bad.to_list() == [False, False, True, True, False, False, False]


def test_numbers_that_are_not_finite_are_none() -> None:
    assert as_number(pl.Series(["nan", "inf", "-inf", "1e999", "1e3"])).to_list() == [None] * 4 + [1000.0]


def test_numbers_with_a_decimal_comma_and_whole_ids() -> None:
    assert as_number(pl.Series(["3,5", "4", "1.234,5"]), ",").to_list() == [3.5, 4.0, None]
    assert as_integer(pl.Series(["3,0", "4", "3,5"]), ",").to_list() == [3, 4, None]
    ids = pl.Series(["12.0", "-3.0", "4.5", "v2.0", "NA"])
    assert as_id(ids, ("NA",), whole=True).to_list() == ["12", "-3", "4.5", "v2.0", None]
    assert as_id(ids, (), whole=False).to_list() == ids.to_list()


def test_codes_get_their_labels_and_others_stay() -> None:
    labels = {"1": "artist", "2": "writer"}
    text, _ = typed(pl.Series([1, 2, 3, None]), Column.model_validate({"from": "x", "labels": labels}), ())
    assert text.to_list() == ["artist", "writer", "3", None]
    declared = Column.model_validate({"from": "x", "type": "list", "separator": "|", "labels": labels})
    assert typed(pl.Series(["2|3|1", ""]), declared, ())[0].to_list() == [["writer", "3", "artist"], []]


def test_lists_lose_empty_and_missing_values() -> None:
    values = pl.Series([" a | b|", "", "?", None, "c"])
    assert as_list(values, "|", ("?",)).to_list() == [["a", "b"], [], [], [], ["c"]]


def test_lists_in_brackets_are_read_as_python_and_json_write_them() -> None:
    values = pl.Series(["['a', \"b's\"]", '["a", null]', "[]", "a, b", "[1, 2.5]", "[broken", "", None])
    declared = Column.model_validate({"from": "x", "type": "list", "brackets": True})
    read, bad = typed(values, declared, ())
    assert read.to_list() == [["a", "b's"], ["a"], [], ["a, b"], ["1", "2.5"], ["[broken"], [], []]
    assert not bad.any()


@pytest.mark.parametrize(("unit", "factor"), [("s", 1), ("ms", 10**3), ("us", 10**6), ("ns", 10**9)])
def test_times_are_seconds_whatever_their_unit(unit: str, factor: int) -> None:
    assert as_seconds(pl.Series([978307200 * factor, None]), unit).to_list() == [978307200, None]
    assert as_seconds(pl.Series([str(978307200 * factor), "never"]), unit).to_list() == [978307200, None]


INSTANTS = st.datetimes(datetime(1900, 1, 1), datetime(2100, 1, 1))


@given(INSTANTS, st.sampled_from(["T", " "]), st.sampled_from([None, 0, 330, -480]))
def test_iso_times_are_seconds_in_utc_unless_a_zone_is_told(when: datetime, between: str, minutes: int | None) -> None:
    zone = UTC if minutes is None else timezone(timedelta(minutes=minutes))
    told = when.replace(tzinfo=None if minutes is None else zone).isoformat(between)
    assert as_seconds(pl.Series([told]), "iso").to_list() == [math.floor(when.replace(tzinfo=zone).timestamp())]


def test_iso_times_in_short() -> None:
    given = ["1970-01-02", "1970-01-01 00:01", "1970-01-01T00:00:05Z", "yesterday", "2024-13-01", "", None, "86400"]
    assert as_seconds(pl.Series(given), "iso").to_list() == [86400, 60, 5, None, None, None, None, None]

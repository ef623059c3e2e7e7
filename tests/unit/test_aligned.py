"""Text in columns."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.base.aligned_text import aligned, columns, within


def test_each_column_is_as_wide_as_its_widest_cell() -> None:
    assert aligned([("a", "bb", "c"), ("aaa", "", "")]) == ["a    bb  c", "aaa"]
    assert aligned([]) == []


def test_rows_of_different_lengths_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        aligned([("a",), ("a", "b")])


def test_the_second_column_is_wrapped_to_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    text = "words that do not fit beside the name, and an-address/that-is-never-broken"
    found = columns([("name", text), ("x", "")]).splitlines()
    assert found == [
        "name  words that do not fit beside the",
        "      name, and",
        "      an-address/that-is-never-broken",
        "x",
    ]
    assert columns([]) == ""


def test_a_long_name_has_a_line_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    name = "n" * 31
    found = columns([(name, "words that stand below it, as wide as beside others"), ("short", "beside")]).splitlines()
    assert found == [name, "       words that stand below it, as wide as beside others", "short  beside"]


ROWS = [
    ("name", "first", "second", "third"),
    ("one with a name that is longer than two fifths of the width", "1", "0.25 ± 0.01", "decides"),
    ("two", "2", "0.125", "a sentence that has more than the width of a line, all of which is to be read"),
]


def test_columns_that_do_not_fit_stand_below() -> None:
    assert within(ROWS, 40) == [
        "name             first  second",
        "one with a name  1      0.25 ± 0.01",
        "that is longer",
        "than two fifths",
        "of the width",
        "two              2      0.125",
        "",
        "name             third",
        "one with a name  decides",
        "that is longer",
        "than two fifths",
        "of the width",
        "two              a sentence that has",
        "                 more than the width of",
        "                 a line, all of which is",
        "                 to be read",
    ]


def test_what_fits_stays_as_it_is() -> None:
    assert within(ROWS, 200) == aligned(ROWS)
    assert within([("alone",)], 80) == ["alone"]


@given(st.integers(1, 5).flatmap(lambda n: st.lists(st.tuples(*[st.text("ab ", max_size=90)] * n), min_size=1)))
def test_no_line_is_wider_than_asked(rows: list[tuple[str, ...]]) -> None:
    assert all(len(line) <= 60 for line in within(rows, 60))

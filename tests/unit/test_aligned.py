"""Text in columns."""

import pytest

from harness.base.aligned_text import aligned, columns


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


def test_a_long_name_leaves_the_text_some_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "20")
    name = "n" * 30
    assert columns([(name, "twenty-eight letters at most here")]) == (
        f"{name}  twenty-eight letters at most\n{' ' * 30}  here"
    )

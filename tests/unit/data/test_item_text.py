"""Items' texts from templates."""

import polars as pl
import pytest

from harness.base.errors import BadInput
from harness.data.item_text import item_texts

ITEMS = pl.DataFrame(
    {
        "item": ["1", "2", "3"],
        "title": ["Toy Story", "GoldenEye ", None],
        "year": [1995, None, None],
        "genres": [["Animation", "Comedy"], [], None],
    }
)


def test_values_lists_and_missing_values() -> None:
    found = item_texts(ITEMS, "{title} ({year}). {genres}")
    assert found.texts == ["Toy Story (1995). Animation, Comedy", "GoldenEye ().", ""]


def test_numbers_read_as_people_write_them() -> None:
    years = pl.DataFrame({"year": [1995.0, float("nan"), None, 7.25, -0.0, 1e300], "n": [1, None, 3, 4, 5, 6]})
    found = item_texts(years, "{year}")
    assert found.texts[:5] == ["1995", "", "", "7.25", "0"]
    assert float(found.texts[5]) == 1e300
    assert found.empty == 2
    assert item_texts(years, "{n}").texts == ["1", "", "3", "4", "5", "6"]


@pytest.mark.parametrize("dtype", [pl.List(pl.String), pl.Array(pl.String, 3)])
def test_empty_entries_of_lists_leave_no_commas(dtype: pl.DataType) -> None:
    entries = [["", " a ", None], [None, None, " "], ["a", "b", "a,b"], None]
    items = pl.DataFrame({"tags": entries}, schema={"tags": dtype})
    assert item_texts(items, "{tags}").texts == ["a", "", "a, b, a,b", ""]
    assert item_texts(items, "{tags}").empty == 2


def test_lists_of_numbers_and_truth_values() -> None:
    items = pl.DataFrame({"years": [[1995, 1996], []], "adult": [True, None]})
    assert item_texts(items, "{years} {adult}").texts == ["1995, 1996 true", ""]


def test_items_without_a_text_are_counted() -> None:
    assert item_texts(ITEMS, "{title}").empty == 1
    assert item_texts(ITEMS, "Genres: {genres}").empty == 2
    assert item_texts(ITEMS, "{title}{item}").empty == 0


def test_braces_are_written_twice() -> None:
    assert item_texts(ITEMS, "{{{item}}}").texts == ["{1}", "{2}", "{3}"]


def test_an_unknown_column_suggests_the_nearest() -> None:
    with pytest.raises(BadInput, match=r"unknown column in data\.text 'titel': did you mean 'title'\?"):
        item_texts(ITEMS, "{titel}")


@pytest.mark.parametrize("template", ["{title.__class__}", "{title[0]}", "{0}", "{}"])
def test_no_attributes_indices_or_positions(template: str) -> None:
    with pytest.raises(BadInput, match=r"unknown column in data\.text"):
        item_texts(ITEMS, template)


@pytest.mark.parametrize("template", ["{title!r}", "{title:>{year}}", "{title:10}"])
def test_no_conversions_or_formats(template: str) -> None:
    with pytest.raises(BadInput, match="only plain"):
        item_texts(ITEMS, template)


@pytest.mark.parametrize("template", ["{title", "title}"])
def test_a_single_brace(template: str) -> None:
    with pytest.raises(BadInput, match="a literal brace is written twice"):
        item_texts(ITEMS, template)


def test_a_template_without_columns() -> None:
    with pytest.raises(BadInput, match="names no column"):
        item_texts(ITEMS, "a film")

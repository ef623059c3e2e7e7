"""Groupings by label: columns, categories, providers, periods, and what is said of the groups that are merged."""

from typing import Any

import numpy as np
import polars as pl
import pytest

from harness.base.errors import BadInput
from harness.data.group_assignment import groups
from harness.domain.interactions import Training
from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingInput
from harness.plugins.registry import registry


def grouped(name: str, *, side: str = "item", options: dict[str, Any] | None = None, **columns: Any) -> Membership:
    """The groups of a table with these columns under small thresholds."""
    kind: type[Grouping] = registry.get("grouping", name)
    table = pl.DataFrame(columns)
    n = table.height
    ids = np.arange(n)
    empty = pl.DataFrame({"id": [str(k) for k in ids]})
    source = GroupingInput(
        Training(ids, ids, n, n), table if side == "item" else empty, empty if side == "item" else table
    )
    return groups(kind(kind.Config.model_validate(options or {})), source)


def labels(membership: Membership) -> list[set[str]]:
    rows = np.split(membership.matrix.indices, membership.matrix.indptr[1:-1])
    return [{membership.names[k] for k in row} for row in rows]


class TestColumn:
    def test_text_numbers_and_truth_values(self) -> None:
        options = {"column": "c", "min_members": 1}
        assert labels(grouped("column", options=options, c=["b", "a", ""])) == [{"b"}, {"a"}, {"unlabelled"}]
        assert labels(grouped("column", options=options, c=[7, None, 12])) == [{"7"}, {"unlabelled"}, {"12"}]
        assert labels(grouped("column", options=options, c=[True, False])) == [{"true"}, {"false"}]

    def test_lists(self) -> None:
        found = grouped("column", options={"column": "c", "min_members": 1}, c=[["a", "b"], ["b"], [], None])
        assert labels(found) == [{"a", "b"}, {"b"}, {"unlabelled"}, {"unlabelled"}]

    def test_of_users(self) -> None:
        found = grouped(
            "column", side="user", options={"column": "zip", "side": "user", "min_members": 1}, zip=["1", "2"]
        )
        assert found.side == "user"
        assert found.names == ("1", "2")

    def test_bins_are_cut_at_quantiles_and_keep_equal_numbers_together(self) -> None:
        options = {"column": "price", "bins": 2, "min_members": 1}
        found = grouped("column", options=options, price=[3.0, 1.0, 2.0, 4.0, None, float("nan")])
        assert found.names == ("price 1 to 2", "price 3 to 4", "unlabelled")
        assert labels(found)[:2] == [{"price 3 to 4"}, {"price 1 to 2"}]
        assert list(grouped("column", options=options, price=[1.0, 1.0, 1.0, 2.0]).sizes.items()) == [
            ("price 1", 3), ("price 2", 1),
        ]  # fmt: skip
        assert grouped("column", options=options, price=[5, 5, 5]).names == ("price 5",)

    @pytest.mark.parametrize(
        ("options", "values", "message"),
        [
            ({}, ["a"], r"needs --set groupings\.column\.column=NAME; items have: c"),
            ({"column": "d"}, ["a"], "reads the column 'd', which this data set's items do not have"),
            ({"column": "c"}, [0.5], r"'c' holds Float64; cut it into ranges"),
            ({"column": "c", "bins": 2}, ["a"], "bins need numbers, and 'c' holds String"),
            ({"column": "c"}, [[1]], r"holds List\(Int64\); labels are text"),
        ],
    )
    def test_refusals(self, options: dict[str, Any], values: list[Any], message: str) -> None:
        with pytest.raises(BadInput, match=message):
            grouped("column", options=options, c=values)


class TestUsualColumns:
    def test_the_first_usual_column_is_read(self) -> None:
        found = grouped("provider", options={"min_items": 1}, studio=["s", "s"], brand=["a", "b"])
        assert found.names == ("a", "b")
        assert grouped("category", options={"min_items": 1}, category=["x", "y"]).names == ("x", "y")

    def test_a_column_of_one_s_own(self) -> None:
        options = {"column": "studio", "min_items": 1}
        assert grouped("provider", options=options, studio=["s", "s"], brand=["a", "b"]).names == ("s",)

    @pytest.mark.parametrize("name", ["provider", "category"])
    def test_none_of_them(self, name: str) -> None:
        with pytest.raises(BadInput, match=rf"name one of title by --set groupings\.{name}\.column=NAME"):
            grouped(name, title=["a"])

    def test_the_nearest_column_is_suggested(self) -> None:
        with pytest.raises(BadInput, match="unknown column of grouping 'provider' 'brnd': did you mean 'brand'"):
            grouped("provider", options={"column": "brnd"}, brand=["a"])


class TestReleasePeriod:
    @pytest.mark.parametrize(
        ("width", "expected"),
        [
            (10, [{"1980s"}, {"1990s"}, {"2000s"}, {"unlabelled"}]),
            (5, [{"1985-1989"}, {"1990-1994"}, {"2000-2004"}, {"unlabelled"}]),
            (1, [{"1989"}, {"1990"}, {"2000"}, {"unlabelled"}]),
        ],
    )
    def test_names(self, width: int, expected: list[set[str]]) -> None:
        options = {"width": width, "min_items": 1}
        assert labels(grouped("release_period", options=options, year=[1989, 1990, 2000, None])) == expected

    def test_words_are_refused(self) -> None:
        with pytest.raises(BadInput, match="must hold whole numbers, not String"):
            grouped("release_period", year=["long ago"])

    def test_a_column_of_one_s_own_is_required(self) -> None:
        with pytest.raises(BadInput, match="reads the column 'published'"):
            grouped("release_period", options={"column": "published"}, year=[1990])


class TestUsers:
    def test_age_bands(self) -> None:
        ages = [1, 17, 18, 24, 25, 55, 56, 90, None]
        found = grouped("age", side="user", options={"min_users": 1}, age=ages)
        assert labels(found) == [
            {"under 18"}, {"under 18"}, {"18-24"}, {"18-24"}, {"25-34"}, {"50-55"}, {"56+"}, {"56+"}, {"unlabelled"},
        ]  # fmt: skip
        assert found.names == ("under 18", "18-24", "25-34", "50-55", "56+", "unlabelled"), "from young to old"

    def test_numbers_written_as_text_are_numbers(self) -> None:
        found = grouped("age", side="user", options={"min_users": 1}, age=["17", "", "30", None])
        assert labels(found) == [{"under 18"}, {"unlabelled"}, {"25-34"}, {"unlabelled"}]

    def test_bands_that_the_data_set_made(self) -> None:
        found = grouped("age", side="user", options={"min_users": 1}, age=["young", "old", ""])
        assert labels(found) == [{"young"}, {"old"}, {"unlabelled"}]

    def test_bounds_ascend(self) -> None:
        kind = registry.get("grouping", "age")
        with pytest.raises(ValueError, match="ages must ascend"):
            kind.Config(bounds=(30, 20))

    @pytest.mark.parametrize("name", ["gender", "occupation"])
    def test_small_and_missing_ones(self, name: str) -> None:
        found = grouped(name, side="user", options={"min_users": 2}, **{name: ["a", "a", "b", None, None]})
        assert found.names == ("a", "other", "unlabelled")
        assert found.sizes == {"a": 2, "other": 1, "unlabelled": 2}


class TestNotes:
    def test_merged_groups_are_counted(self) -> None:
        options = {"column": "c", "min_members": 2}
        found = grouped("column", options=options, c=["a", "a", "b", "c", "c", "d", None])
        assert found.notes == ("column: 3 groups of fewer than 2 items merged into 'other'",)
        assert found.sizes == {"a": 2, "c": 2, "other": 3}

    def test_nothing_is_said_where_nothing_is_merged(self) -> None:
        assert grouped("column", options={"column": "c", "min_members": 1}, c=["a", "b"]).notes == ()

    def test_a_label_called_other_takes_the_merged_ones_in(self) -> None:
        found = grouped("column", options={"column": "c", "min_members": 2}, c=["other", "other", "a"])
        assert found.sizes == {"other": 3}

"""Groupings: a contract over the registry, and the two that come with the harness."""

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.base.errors import BadInput
from harness.builtin.groupings.genre import Genre, GenreConfig
from harness.builtin.groupings.popularity import Popularity, PopularityConfig
from harness.data.corpus import Corpus
from harness.data.group_assignment import assign
from harness.domain.interactions import Training
from harness.domain.membership import Membership
from harness.plugins import Grouping, GroupingInput
from harness.plugins.registry import Registry, registry

COUNTS = st.lists(st.integers(0, 30), min_size=10, max_size=60).filter(lambda counts: sum(counts) > 0)
NONE = np.array([], dtype=np.int64)
SHORT = """
from harness.domain.membership import Membership
from harness.plugins import Grouping


class Short(Grouping):
    name = "short"
    summary = "the first item alone"

    def assign(self, source):
        return Membership.from_labels(self.name, "item", [["a"]])
"""
few = settings(max_examples=80, deadline=None)


def training(counts: list[int]) -> Training:
    """Item i has ``counts[i]`` training interactions."""
    items = np.repeat(np.arange(len(counts)), counts)
    users = np.concatenate([np.arange(n) for n in counts]).astype(np.int64)
    return Training(users, items, max(counts), len(counts))


def corpus(genres: list[list[str] | None], **columns: list[object]) -> Corpus:
    items = pl.DataFrame({"item": [f"i{i}" for i in range(len(genres))]}).with_columns(
        pl.Series("genres", genres, dtype=pl.List(pl.String)), **{name: pl.Series(v) for name, v in columns.items()}
    )
    return Corpus(pl.DataFrame({"user": ["u0"]}), items, NONE, NONE, "digest", {})


def popularity(counts: list[int], **options: object) -> Membership:
    config = PopularityConfig.model_validate(options)
    return Popularity(config).assign(GroupingInput(training(counts), pl.DataFrame(), pl.DataFrame()))


def genre(genres: list[list[str] | None], min_items: int = 1) -> Membership:
    source = corpus(genres)
    return Genre(GenreConfig(min_items=min_items)).assign(
        GroupingInput(training([1] * len(genres)), source.items, source.users)
    )


def groups(membership: Membership) -> list[set[str]]:
    """The names of each item's groups."""
    rows = np.split(membership.matrix.indices, membership.matrix.indptr[1:-1])
    return [{membership.names[k] for k in row} for row in rows]


@pytest.mark.parametrize("name", registry.names("grouping"))
class TestContract:
    def test_is_described(self, name: str) -> None:
        grouping: type[Grouping] = registry.get("grouping", name)
        assert issubclass(grouping, Grouping)
        assert grouping.name == name
        assert grouping.summary
        assert grouping.Config() == grouping.Config.model_validate({}), "every option has a default"

    def test_a_missing_column_is_named(self, name: str) -> None:
        grouping: type[Grouping] = registry.get("grouping", name)
        for column in grouping.requires:
            bare = Corpus(pl.DataFrame({"zip": ["1"]}), pl.DataFrame({"shelf": ["1"]}), NONE, NONE, "", {})
            with pytest.raises(
                BadInput, match=f"'{name}' reads the column '{column}', which .* {grouping.side}s do not"
            ):
                assign(name, None, bare, training([1]))


class TestPopularity:
    @few
    @given(COUNTS, st.sampled_from(["items", "interactions"]))
    def test_the_more_popular_bin_is_never_the_later_one(self, counts: list[int], by: str) -> None:
        bins = popularity(counts, by=by, bins=3).matrix.indices
        assert set(bins) == {0, 1, 2}, "no bin is empty"
        order = np.argsort(-np.array(counts), kind="stable")
        assert np.all(np.diff(bins[order]) >= 0)

    @few
    @given(COUNTS, st.integers(2, 10))
    def test_equal_numbers_of_items(self, counts: list[int], bins: int) -> None:
        sizes = popularity(counts, by="items", bins=bins).sizes.values()
        assert max(sizes) - min(sizes) <= 1
        assert sum(sizes) == len(counts)

    @few
    @given(st.lists(st.integers(1, 5), min_size=200, max_size=300))
    def test_equal_numbers_of_interactions(self, counts: list[int]) -> None:
        mass = np.array(counts) @ popularity(counts).matrix
        assert np.abs(mass - sum(counts) / 5).max() <= 5, "off by less than one item"

    def test_names(self) -> None:
        names = popularity([5, 4, 3, 2, 1]).names
        assert names == ("popularity 1 most", "popularity 2", "popularity 3", "popularity 4", "popularity 5 least")
        assert all(re.fullmatch(r"[\w.\- :/]+", name) for name in names), "what metric names may contain"

    def test_items_without_training_interactions_are_least_popular(self) -> None:
        assert groups(popularity([0, 9, 9, 0], bins=2)) == [
            {"popularity 2 least"}, {"popularity 1 most"}, {"popularity 2 least"}, {"popularity 2 least"},
        ]  # fmt: skip

    def test_ties_are_broken_by_index(self) -> None:
        assert popularity([1, 1, 1, 1], bins=2, by="items").matrix.indices.tolist() == [0, 0, 1, 1]

    def test_one_item_more_popular_than_a_bin_has_its_own(self) -> None:
        assert list(popularity([100, 3, 3, 2, 2, 1]).sizes.values()) == [1, 1, 1, 1, 2]

    def test_more_bins_than_items(self) -> None:
        with pytest.raises(BadInput, match="2 items: use fewer bins"):
            popularity([1, 1])


class TestGenre:
    def test_an_item_counts_in_each_of_its_genres(self) -> None:
        assert groups(genre([["War", "Drama"], ["Drama"]])) == [{"War", "Drama"}, {"Drama"}]

    def test_small_genres_are_merged(self) -> None:
        found = genre([["War", "Noir"], ["Drama", "War"], ["Drama"]], min_items=2)
        assert found.names == ("Drama", "War", "other")
        assert groups(found) == [{"War", "other"}, {"Drama", "War"}, {"Drama"}]

    def test_two_small_genres_of_an_item_count_once(self) -> None:
        found = genre([["War", "Noir"], ["Drama"], ["Drama"]], min_items=2)
        assert groups(found)[0] == {"other"}
        assert found.matrix.max() == 1

    @pytest.mark.parametrize("nothing", [[], None, [""]])
    def test_unlabelled_items_have_a_group(self, nothing: list[str] | None) -> None:
        found = genre([["Drama"], nothing, ["Drama"], nothing], min_items=2)
        assert groups(found) == [{"Drama"}, {"unlabelled"}, {"Drama"}, {"unlabelled"}]

    def test_few_unlabelled_items_are_merged_like_a_small_genre(self) -> None:
        found = genre([["Drama"], [], ["Drama"], ["Noir"]], min_items=2)
        assert groups(found) == [{"Drama"}, {"other"}, {"Drama"}, {"other"}]

    def test_a_repeated_genre_counts_once(self) -> None:
        assert genre([["War", "War"], ["Drama"], ["Drama"]], min_items=2).names == ("Drama", "other")

    def test_text_instead_of_lists(self) -> None:
        source = corpus([["a"]])
        items = source.items.with_columns(genres=pl.lit("a|b"))
        with pytest.raises(BadInput, match="must hold lists of text, not String"):
            Genre(GenreConfig()).assign(GroupingInput(training([1]), items, source.users))


class TestAssign:
    def test_defaults(self) -> None:
        assert assign("genre", None, corpus([["a"]] * 15), training([1] * 15)).names == ("a",)

    def test_options(self) -> None:
        assert assign("genre", GenreConfig(min_items=16), corpus([["a"]] * 15), training([1] * 15)).names == ("other",)

    def test_the_nearest_column_is_suggested(self) -> None:
        known = corpus([["a"]], genre=[["a"]])
        renamed = Corpus(known.users, known.items.drop("genres"), known.user_indices, known.item_indices, "", {})
        with pytest.raises(BadInput, match=r"this data set's items do not have: did you mean 'genre'\?"):
            assign("genre", None, renamed, training([1]))

    def test_the_nearest_grouping_is_suggested(self) -> None:
        with pytest.raises(BadInput, match=r"unknown grouping 'genres': did you mean 'genre'\?"):
            assign("genres", None, corpus([["a"]]), training([1]))

    def test_a_row_per_item_is_needed(self, tmp_path: Path, fresh_registry: Registry) -> None:
        (tmp_path / "short.py").write_text(SHORT)
        fresh_registry.add_file(tmp_path / "short.py")
        with pytest.raises(BadInput, match="rows for 1 of 2 items"):
            assign("short", None, corpus([["a"], ["a"]]), training([1, 1]))

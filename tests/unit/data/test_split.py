"""Filters and the split: nothing invented, nothing lost, nothing that depends on the order of rows."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.base.errors import BadInput
from harness.data.build_corpus import build_corpus
from harness.data.corpus import Corpus
from harness.data.filter import core_mask, deduplicate
from harness.data.split import split
from harness.domain.ids import hash_ids, mix
from harness.domain.interactions import Interactions, Split
from harness.domain.tables import Tables
from harness.spec.options import DataOptions

PAIRS = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=120)
LOOSE = DataOptions(core=1, min_rating=None)
few = settings(max_examples=60, deadline=None)


def tables(pairs: list[tuple[int, int]], ratings: list[float] | None = None) -> Tables:
    interactions = pl.DataFrame(
        {"user": [f"u{u}" for u, _ in pairs], "item": [f"i{i}" for _, i in pairs]},
        schema={"user": pl.String, "item": pl.String},
    )
    if ratings is not None:
        interactions = interactions.with_columns(pl.Series("rating", ratings, dtype=pl.Float64))
    items = interactions.select(pl.col("item").unique()).with_columns(pl.format("Title of {}", "item").alias("title"))
    return Tables(interactions, items, interactions.select(pl.col("user").unique()))


def raw_pairs(corpus: Corpus, part: Interactions | None = None) -> list[tuple[str, str]]:
    users = corpus.user_indices if part is None else part.users
    items = corpus.item_indices if part is None else part.items
    return list(zip(corpus.users["user"].gather(users), corpus.items["item"].gather(items), strict=True))


def parts(found: Split) -> tuple[Interactions, Interactions, Interactions]:
    return found.training, found.validation, found.test


class TestSplit:
    @few
    @given(PAIRS, st.integers(0, 2**62))
    def test_no_interaction_is_invented_or_lost(self, pairs: list[tuple[int, int]], seed: int) -> None:
        corpus = build_corpus(tables(pairs), LOOSE)
        together = [pair for part in parts(split(corpus, LOOSE, seed)) for pair in raw_pairs(corpus, part)]
        assert len(together) == len(set(together)), "the parts are disjoint"
        assert set(together) == {(f"u{u}", f"i{i}") for u, i in pairs}

    @few
    @given(PAIRS, st.randoms(use_true_random=False))
    def test_the_order_of_rows_does_not_matter(self, pairs: list[tuple[int, int]], random) -> None:  # type: ignore[no-untyped-def]
        shuffled = random.sample(pairs, len(pairs))
        one, other = build_corpus(tables(pairs), LOOSE), build_corpus(tables(shuffled), LOOSE)
        assert one.digest == other.digest
        assert split(one, LOOSE, 3).digest == split(other, LOOSE, 3).digest

    @few
    @given(PAIRS)
    def test_pairs_are_sorted(self, pairs: list[tuple[int, int]]) -> None:
        corpus = build_corpus(tables(pairs), LOOSE)
        for part in parts(split(corpus, LOOSE, 0)):
            assert np.all(np.diff(part.users * part.n_items + part.items) > 0)

    @few
    @given(st.integers(1, 400))
    def test_shares_of_a_user(self, n: int) -> None:
        corpus = build_corpus(tables([(0, i) for i in range(n)]), LOOSE)
        sizes = tuple(len(part) for part in parts(split(corpus, LOOSE, 0)))
        training = sum(10 * j < 4 * n for j in range(n))
        validation = sum(4 * n <= 10 * j < 7 * n for j in range(n))
        assert sizes == (training, validation, n - training - validation)

    @pytest.mark.parametrize(("n", "sizes"), [(5, (2, 2, 1)), (10, (4, 3, 3)), (1, (1, 0, 0)), (100, (40, 30, 30))])
    def test_shares_by_hand(self, n: int, sizes: tuple[int, int, int]) -> None:
        corpus = build_corpus(tables([(0, i) for i in range(n)]), LOOSE)
        assert tuple(len(part) for part in parts(split(corpus, LOOSE, 0))) == sizes

    def test_other_shares(self) -> None:
        options = LOOSE.model_copy(update={"ratios": (1 / 3, 1 / 3, 1 / 3)})
        corpus = build_corpus(tables([(0, i) for i in range(9)]), options)
        assert tuple(len(part) for part in parts(split(corpus, options, 0))) == (3, 3, 3)

    def test_seeds_differ_and_repeat(self) -> None:
        corpus = build_corpus(tables([(u, i) for u in range(10) for i in range(10)]), LOOSE)
        assert split(corpus, LOOSE, 1).digest == split(corpus, LOOSE, 1).digest
        assert split(corpus, LOOSE, 1).digest != split(corpus, LOOSE, 2).digest

    def test_every_item_is_equally_likely_to_be_training(self) -> None:
        corpus = build_corpus(tables([(u, i) for u in range(2000) for i in range(10)]), LOOSE)
        training = split(corpus, LOOSE, 0).training
        shares = np.bincount(training.items, minlength=10) / 2000
        assert np.abs(shares - 0.4).max() < 4 * np.sqrt(0.4 * 0.6 / 2000)

    def test_it_never_changes(self) -> None:
        """A published result names a seed: this split must be the same in every version."""
        corpus = build_corpus(tables([(u, i) for u in range(6) for i in range(6)]), LOOSE)
        assert (corpus.digest, split(corpus, LOOSE, 42).digest) == ("bf0e3f6b6aaa9b7d", "b4c4371872e1c534")


class TestIdentity:
    def test_splitmix64_by_its_published_values(self) -> None:
        """The first outputs from seed 1234567 (Vigna's reference code) are the mix of its successive states."""
        golden = 0x9E3779B97F4A7C15
        states = np.array([(1234567 + k * golden) % 2**64 for k in range(3)], dtype=np.uint64)
        assert mix(states).tolist() == [6457827717110365317, 3203168211198807973, 9817491932198370423]

    def test_users_and_items_hash_apart(self) -> None:
        assert hash_ids("user", ["1"])[0] != hash_ids("item", ["1"])[0]

    def test_indices_follow_the_hash(self) -> None:
        corpus = build_corpus(tables([(u, i) for u in range(9) for i in range(9)]), LOOSE)
        assert np.all(np.diff(hash_ids("item", corpus.items["item"]).astype(float)) > 0)
        assert np.all(np.diff(hash_ids("user", corpus.users["user"]).astype(float)) > 0)


class TestFilters:
    @few
    @given(PAIRS, st.integers(1, 4))
    def test_the_core_is_a_fixed_point_and_the_largest(self, pairs: list[tuple[int, int]], core: int) -> None:
        users, items = (np.array(side, dtype=np.int64) for side in zip(*sorted(set(pairs)), strict=True))
        kept = core_mask(users, items, core)
        assert np.all(np.bincount(users[kept])[users[kept]] >= core)
        assert np.all(np.bincount(items[kept])[items[kept]] >= core)
        assert np.all(core_mask(users[kept], items[kept], core))
        assert set(np.flatnonzero(kept)) == set(one_by_one(users, items, core))

    @few
    @given(PAIRS)
    def test_one_row_per_pair(self, pairs: list[tuple[int, int]]) -> None:
        found = deduplicate(tables(pairs).interactions)
        assert sorted(found.iter_rows()) == sorted({(f"u{u}", f"i{i}") for u, i in pairs})

    def test_the_latest_rating_counts(self) -> None:
        rows = {"user": ["u"] * 3, "item": ["i"] * 3, "rating": [5.0, 2.0, 4.0], "timestamp": [1, 3, 2]}
        assert deduplicate(pl.DataFrame(rows))["rating"].to_list() == [2.0]

    def test_what_is_dropped_is_counted(self) -> None:
        pairs = [(u, i) for u in range(3) for i in range(3)] + [(0, 0), (8, 0), (9, 9)]
        ratings = [5.0] * 10 + [4.0, 1.0]
        corpus = build_corpus(tables(pairs, ratings), DataOptions(core=2))
        assert (corpus.n_users, corpus.n_items, len(corpus)) == (3, 3, 9)
        assert corpus.counts == {
            "interactions: repeated": 1,
            "interactions: rating too low": 1,
            "interactions: outside the core": 1,
            "users: no positive interaction": 1,
            "users: outside the core": 1,
            "items: no positive interaction": 1,
        }

    def test_ratings_of_data_without_ratings(self) -> None:
        assert len(build_corpus(tables([(0, 0)]), DataOptions(core=1))) == 1

    def test_items_without_a_description_stay_and_are_counted(self) -> None:
        known = tables([(0, 0), (0, 1)])
        undescribed = Tables(known.interactions, known.items.filter(pl.col("item") == "i0"), known.users)
        corpus = build_corpus(undescribed, LOOSE)
        assert corpus.counts == {"items kept without a description": 1}
        assert corpus.items["title"].null_count() == 1

    @pytest.mark.parametrize("kind", ["items", "users"])
    def test_a_table_about_nobody_is_refused(self, kind: str) -> None:
        known = tables([(0, 0), (1, 1)])
        side = kind.removesuffix("s")
        others = pl.DataFrame({side: [f"00{number}" for number in range(4)], "title": "unknown"})
        with pytest.raises(BadInput, match=rf"none of the {kind} .*\('\w0', .*\('000', '001', '002', …\).* alike\?"):
            build_corpus(replace(known, **{kind: others}), LOOSE)

    def test_the_digest_covers_titles(self) -> None:
        known = tables([(0, 0), (0, 1)])
        other = Tables(known.interactions, known.items.with_columns(title=pl.lit("x")), known.users)
        assert build_corpus(known, LOOSE).digest != build_corpus(other, LOOSE).digest


class TestNothingLeft:
    def test_no_data(self) -> None:
        empty = tables([(0, 0)])
        with pytest.raises(BadInput, match="holds no interactions"):
            build_corpus(Tables(empty.interactions.clear(), empty.items, empty.users), LOOSE)

    def test_the_rating_filter(self) -> None:
        with pytest.raises(BadInput, match=r"at least 6 \(the highest is 5\.0\): lower data\.min_rating"):
            build_corpus(tables([(0, 0)], [5.0]), DataOptions(min_rating=6))

    def test_the_core(self) -> None:
        with pytest.raises(
            BadInput, match=r"keep 5 interactions each \(1 interactions before this filter\): lower data\.core"
        ):
            build_corpus(tables([(0, 0)]), DataOptions())


def one_by_one(users: np.ndarray, items: np.ndarray, core: int) -> list[int]:
    """The k-core in its most obvious form: remove one interaction of somebody below the bound until there is none."""
    kept = list(range(len(users)))
    while True:
        for k in kept:
            of_user = sum(users[j] == users[k] for j in kept)
            of_item = sum(items[j] == items[k] for j in kept)
            if of_user < core or of_item < core:
                kept.remove(k)
                break
        else:
            return kept

"""What holds for every registered grouping: nobody is left out, and names and order of the data do not matter."""

from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.data.grouping import groups
from harness.data.interactions import Training
from harness.data.membership import Membership
from harness.protocols import Grouping, GroupingInput
from harness.registry import registry

N = 40
# Every grouping under its defaults, and under options that change what it reads or whom it groups.
CASES: dict[str, tuple[str, dict[str, Any]]] = {
    **{name: (name, {}) for name in registry.names("grouping") if name != "column"},
    "column of lists": ("column", {"column": "categories", "min_members": 3}),
    "column of users": ("column", {"column": "occupation", "side": "user", "min_members": 3}),
    "column in bins": ("column", {"column": "price", "bins": 4, "min_members": 1}),
    "category of text": ("category", {"column": "brand", "min_items": 4}),
    "provider of 1": ("provider", {"min_items": 1}),
    "half-decades": ("release_period", {"width": 5, "min_items": 2}),
    "gender × age": ("intersection", {"of": ["gender", "age"], "min_members": 3, "options": {"age": {"min_users": 1}}}),
    "three": ("intersection", {"of": ["genre", "popularity", "release_period"], "min_members": 2}),
    "genre and gender": ("two_sided", {"items": "genre", "users": "gender", "options": {"gender": {"min_users": 1}}}),
}
few = settings(max_examples=15, deadline=None)
SEEDS = st.integers(0, 10_000)


@cache
def world() -> GroupingInput:
    """40 users and items, all degrees distinct (user u took the items from u on), with labels missing here or there."""
    users, items = np.triu_indices(N)
    draw = np.random.default_rng(5)

    def some(*values: Any) -> list[Any]:
        return [values[k] for k in draw.integers(len(values), size=N)]

    described = pl.DataFrame(
        {
            "item": [f"i{k}" for k in range(N)],
            "genres": [sorted({*some("a", "b", "c")[: draw.integers(0, 3)]}) or None for _ in range(N)],
            "year": some(1979, 1985, 1991, 1994, 1999, None),
            "brand": some("x", "y", "z", "", None),
            "price": some(0.5, 1.0, 2.5, 9.0, float("nan"), None),
        },
        schema_overrides={"genres": pl.List(pl.String)},
    ).with_columns(categories="genres")
    people = pl.DataFrame(
        {
            "user": [f"u{k}" for k in range(N)],
            "gender": some("F", "M", "M", None),
            "age": some(12, 18, 24, 25, 60, None),
            "occupation": some("artist", "doctor", "other", "writer", ""),
        }
    )
    return GroupingInput(Training(users, items, N, N), described, people)


def permuted(source: GroupingInput, users: np.ndarray, items: np.ndarray) -> GroupingInput:
    """The same world in which user u has the index ``users[u]`` and item i the index ``items[i]``."""
    old = source.training
    pairs = np.lexsort((items[old.items], users[old.users]))
    training = Training(users[old.users][pairs], items[old.items][pairs], N, N)
    return GroupingInput(training, source.items[np.argsort(items)], source.users[np.argsort(users)])


def grouping(case: str) -> Grouping:
    name, options = CASES[case]
    kind: type[Grouping] = registry.get("grouping", name)
    return kind(kind.Config.model_validate(options))


def members(membership: Membership) -> dict[str, set[int]]:
    """The members of each group, of either side."""
    return {
        f"{part.side} {name}": set(part.matrix[:, [k]].nonzero()[0].tolist())
        for part in membership.sides
        for k, name in enumerate(part.names)
    }


@pytest.mark.parametrize("case", CASES)
class TestEveryGrouping:
    def test_everyone_is_in_a_group_and_no_group_is_empty(self, case: str) -> None:
        source = world()
        found = groups(grouping(case), source)
        assert found.side == grouping(case).side
        for part in found.sides:
            everyone = source.items.height if part.side == "item" else source.users.height
            assert part.matrix.shape == (everyone, len(part.names))
            assert set(np.unique(part.matrix.data)) == {1.0}
            np.testing.assert_allclose(part.shares.sum(axis=1), 1)
        assert min(found.sizes.values()) > 0
        assert all(isinstance(name, str) and name for name in found.names)

    def test_interactions_have_shares_that_sum_to_one(self, case: str) -> None:
        source = world()
        found = groups(grouping(case), source)
        C = found.shares_of(source.training.users, source.training.items)
        assert C.shape == (len(source.training), len(found.names))
        np.testing.assert_allclose(C.sum(axis=1), 1)
        marks = found.marks(source.training.users, source.training.items)
        np.testing.assert_array_equal(marks.toarray() > 0, C.toarray() > 0)

    @few
    @given(seed=SEEDS)
    def test_permuting_users_and_items_permutes_members(self, case: str, seed: int) -> None:
        draw = np.random.default_rng(seed)
        users, items = draw.permutation(N), draw.permutation(N)
        before, after = (groups(grouping(case), source) for source in (world(), permuted(world(), users, items)))
        place = {"item": items, "user": users}
        assert after.names == before.names or "individual" in case
        assert members(after) == {
            name: {int(place[name.split(" ")[0]][k]) for k in who} for name, who in members(before).items()
        }

    def test_raw_ids_do_not_matter(self, case: str) -> None:
        source = world()
        renamed = GroupingInput(
            source.training,
            source.items.with_columns(item=pl.format("renamed {}", "item")),
            source.users.with_columns(user=pl.format("renamed {}", "user")),
        )
        before, after = (groups(grouping(case), known) for known in (source, renamed))
        np.testing.assert_array_equal(after.matrix.toarray(), before.matrix.toarray())
        assert after.names == before.names or "individual" in case

    def test_only_training_data_and_metadata_are_read(self, case: str) -> None:
        """Two worlds that agree in these agree in the groups; the definition keeps nothing from one to the other."""
        definition, source = grouping(case), world()
        first = groups(definition, source)
        draw = np.random.default_rng(1)
        groups(definition, permuted(source, draw.permutation(N), draw.permutation(N)))
        assert members(groups(definition, source)) == members(first)

    def test_options_survive_a_round_trip(self, case: str) -> None:
        name, options = CASES[case]
        kind: type[Grouping] = registry.get("grouping", name)
        config = kind.Config.model_validate(options)
        dumped = config.model_dump(mode="json")
        assert kind.Config.model_validate(dumped).model_dump(mode="json") == dumped


@pytest.mark.parametrize("name", ["item_individual", "user_individual"])
def test_a_hundred_thousand_individuals(name: str) -> None:
    n = 100_000
    everyone = np.arange(n)
    kind: type[Grouping] = registry.get("grouping", name)
    side = name.split("_")[0]
    table = pl.DataFrame({side: pl.select(pl.format("{}", pl.int_range(n))).to_series()})
    found = groups(kind(kind.Config()), GroupingInput(Training(everyone, everyone, n, n), table, table))
    assert found.matrix.nnz == n
    assert found.matrix.shape == (n, n)
    assert found.shares_of(everyone[:5], everyone[5:10]).shape == (5, n)

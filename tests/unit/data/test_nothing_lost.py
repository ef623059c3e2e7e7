"""From raw tables to groups: every interaction is kept once or counted by its reason, and everybody has a group."""

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.base.errors import BadInput
from harness.data.build_corpus import build_corpus
from harness.data.group_assignment import definition, groups
from harness.data.split import split
from harness.domain.interactions import Training
from harness.domain.tables import Tables
from harness.plugins import GroupingInput
from harness.plugins.registry import registry
from harness.spec.options import DataOptions

RAW = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.sampled_from([1.0, 3.0, 4.0, 5.0]), st.integers(0, 9)),
    min_size=1,
    max_size=90,
)
DROPPED = ("interactions: repeated", "interactions: rating too low", "interactions: outside the core")


@settings(max_examples=50, deadline=None)
@given(
    RAW,
    st.sampled_from([None, 3.0, 4.0]),
    st.integers(1, 3),
    st.sampled_from(["random", "leave_one_out", "temporal"]),
    st.integers(0, 2**40),
)
def test_every_raw_interaction_is_in_one_part_or_counted(
    raw: list[tuple[int, int, float, int]], least: float | None, core: int, rule: Any, seed: int
) -> None:
    interactions = pl.DataFrame(
        {
            "user": [f"u{u}" for u, *_ in raw],
            "item": [f"i{i}" for _, i, *_ in raw],
            "rating": [r for *_, r, _ in raw],
            "timestamp": [t for *_, t in raw],
        }
    )
    tables = Tables(interactions, interactions.select("item").unique(), interactions.select("user").unique())
    options = DataOptions(min_rating=least, core=core, split=rule)
    try:
        corpus = build_corpus(tables, options)
        parts = split(corpus, options, seed)
    except BadInput as refused:  # where a filter or a rule leaves nothing
        assert any(word in str(refused) for word in ("lower data.", "leaves nothing"))  # noqa: PT017
        return
    divided = (parts.training, parts.validation, parts.test)
    assert sum(map(len, divided)) == len(corpus) == len(raw) - sum(corpus.counts.get(why, 0) for why in DROPPED)

    users, items = corpus.users["user"].to_list(), corpus.items["item"].to_list()
    pairs = [(users[u], items[i]) for part in divided for u, i in zip(part.users, part.items, strict=True)]
    assert len(set(pairs)) == len(pairs), "no pair is in two parts, nor twice in one"
    good = {(f"u{u}", f"i{i}") for u, i, r, _ in raw if least is None or r >= least}
    assert set(pairs) <= good
    for side in zip(*pairs, strict=True):
        assert min(map(side.count, side)) >= core


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs",)), max_size=3)
N = 10


def column(values: st.SearchStrategy[Any], dtype: Any) -> st.SearchStrategy[pl.Series]:
    """A column of :data:`N` values, some of them missing."""
    return st.lists(st.none() | values, min_size=N, max_size=N).map(lambda drawn: pl.Series(drawn, dtype=dtype))


@st.composite
def worlds(draw: st.DrawFn) -> GroupingInput:
    """Any labels, none at all among them, and any training data."""
    ids = pl.DataFrame({"item": [f"i{k}" for k in range(N)], "user": [f"u{k}" for k in range(N)]})
    words, lists = column(WORDS, pl.String), column(st.lists(WORDS, max_size=4), pl.List(pl.String))
    whole = column(st.integers(-3000, 3000), pl.Int64)
    items = ids.select("item").with_columns(
        genres=draw(lists), categories=draw(lists), brand=draw(words), year=draw(whole), title=draw(words)
    )
    users = ids.select("user").with_columns(
        gender=draw(words), age=draw(st.one_of(whole, words)), occupation=draw(words)
    )
    taken = draw(st.sets(st.tuples(st.integers(0, N - 1), st.integers(0, N - 1)), min_size=1, max_size=80))
    pairs = np.array(sorted(taken))
    return GroupingInput(Training(pairs[:, 0], pairs[:, 1], N, N), items, users)


OPTIONS: dict[str, list[dict[str, Any]]] = {
    "column": [{"column": "brand"}, {"column": "categories", "min_members": 2}, {"column": "year", "bins": 3}],
    "genre": [{}, {"min_items": 1}],
    "intersection": [{"min_members": 2}, {"of": ["gender", "age"], "min_members": 1}],
    "two_sided": [{}, {"items": "genre", "users": "gender"}],
    "age": [{}, {"bounds": [0], "min_users": 1}],
}


@pytest.mark.parametrize("name", registry.names("grouping"))
@settings(max_examples=12, deadline=None)
@given(world=worlds(), choice=st.integers(0, 9))
def test_everybody_has_a_group_whatever_the_labels(name: str, world: GroupingInput, choice: int) -> None:
    usual = OPTIONS.get(name, [{}])
    options = registry.get("grouping", name).Config.model_validate(usual[choice % len(usual)])
    found = groups(definition(name, options), world)
    assert [part.matrix.shape[0] for part in found.sides] == [N] * len(found.sides)
    for part in found.sides:
        np.testing.assert_allclose(part.shares.sum(axis=1), 1, err_msg="everybody counts once")
        assert set(np.unique(part.matrix.data)) == {1.0}
    assert min(found.sizes.values()) > 0, "no group is empty"
    assert all(name for name in found.names)
    C = found.shares_of(world.training.users, world.training.items)
    assert C.sum() == pytest.approx(len(world.training)), "every interaction counts once"


@settings(max_examples=30, deadline=None)
@given(world=worlds(), least=st.integers(1, 6))
def test_nobody_is_put_where_no_label_says_so(world: GroupingInput, least: int) -> None:
    """Of labels: a large group has exactly the items that carry it, and ``other`` all of those of small ones."""
    found = groups(definition("genre", registry.get("grouping", "genre").Config(min_items=least)), world)
    labels = [{label or "unlabelled" for label in row or [""]} for row in world.items["genres"].to_list()]
    carriers = {label: {i for i, own in enumerate(labels) if label in own} for label in set().union(*labels)}
    large = {label: who for label, who in carriers.items() if len(who) >= least}
    small = set().union(*(who for label, who in carriers.items() if label not in large))
    expected = dict(large)
    if small:
        expected["other"] = small | large.get("other", set())
    members = {name: set(found.matrix[:, [k]].nonzero()[0].tolist()) for k, name in enumerate(found.names)}
    assert members == expected

"""A filter that leaves nothing says what had been dropped before it, so that nobody lowers a bound in vain."""

import polars as pl
import pytest

from harness.base.errors import BadInput
from harness.data.build_corpus import build_corpus
from harness.domain.tables import Tables
from harness.spec.options import DataOptions

SKIPPED = {"interactions: rating is not a number": 375, "items: repeated id": 0}


def tables(ratings: list[float]) -> Tables:
    """One user's interactions, of which the first is there twice."""
    rows = [("u", f"i{k}", rating) for k, rating in enumerate(ratings)]
    interactions = pl.DataFrame([*rows, *rows[:1]], schema=["user", "item", "rating"], orient="row")
    items, users = (interactions.select(side).unique() for side in ("item", "user"))
    return Tables(interactions, items, users, SKIPPED)


def test_the_rating_filter() -> None:
    with pytest.raises(BadInput) as caught:
        build_corpus(tables([1.0, 3.0]), DataOptions())
    assert str(caught.value) == (
        "none of 2 interactions has a rating of at least 4 (the highest is 3.0): lower data.min_rating; dropped before "
        "that: 375 interactions: rating is not a number, 1 interactions: repeated"
    )


def test_the_core_filter() -> None:
    with pytest.raises(BadInput) as caught:
        build_corpus(tables([5.0, 1.0]), DataOptions(core=3))
    assert str(caught.value) == (
        "no user and item keep 3 interactions each (1 interactions before this filter): lower data.core; dropped "
        "before that: 375 interactions: rating is not a number, 1 interactions: repeated, "
        "1 interactions: rating too low"
    )


def test_no_interaction_at_all() -> None:
    empty = tables([1.0])
    nothing = Tables(empty.interactions.clear(), empty.items, empty.users, SKIPPED)
    with pytest.raises(BadInput, match=r"^the data set holds no interactions; dropped before that: 375 interactions: "):
        build_corpus(nothing, DataOptions())


def test_where_nothing_was_dropped_nothing_is_said() -> None:
    found = tables([5.0])
    whole = Tables(found.interactions.head(1), found.items, found.users)
    with pytest.raises(BadInput, match=r"lower data\.core$"):
        build_corpus(whole, DataOptions(core=2))

"""A small world to be grouped."""

from typing import Any

import numpy as np
import polars as pl

from harness.domain.interactions import Training
from harness.plugins import GroupingInput


def toy_world(n: int = 40, seed: int = 5) -> GroupingInput:
    """``n`` users and ``n`` items with many columns, of which values are missing here and there.

    User u took the items from u on, so that all users differ in activity and all items in popularity. Items have
    ``title``, ``genres`` and ``categories`` (lists of text), ``year``, ``brand`` and ``price``; users ``gender``,
    ``age`` and ``occupation``.
    """
    users, items = np.triu_indices(n)
    draw = np.random.default_rng(seed)

    def some(*values: Any) -> list[Any]:
        return [values[k] for k in draw.integers(len(values), size=n)]

    described = pl.DataFrame(
        {
            "item": [f"i{k}" for k in range(n)],
            "genres": [sorted({*some("a", "b", "c")[: draw.integers(0, 3)]}) or None for _ in range(n)],
            "year": some(1979, 1985, 1991, 1994, 1999, None),
            "brand": some("x", "y", "z", "", None),
            "price": some(0.5, 1.0, 2.5, 9.0, float("nan"), None),
            "title": some("It", "Brazil", "The Seventh Seal", "2001: A Space Odyssey", "", None),
        },
        schema_overrides={"genres": pl.List(pl.String)},
    ).with_columns(categories="genres")
    people = pl.DataFrame(
        {
            "user": [f"u{k}" for k in range(n)],
            "gender": some("F", "M", "M", None),
            "age": some(12, 18, 24, 25, 60, None),
            "occupation": some("artist", "doctor", "other", "writer", ""),
        }
    )
    return GroupingInput(Training(users, items, n, n), described, people)

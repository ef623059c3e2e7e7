"""Filters of interactions: duplicates, ratings that are no praise, and the k-core. What they drop is counted."""

import numpy as np
import numpy.typing as npt
import polars as pl

from harness.domain.interactions import Indices


def deduplicate(interactions: pl.DataFrame) -> pl.DataFrame:
    """One row per (user, item): of the first part where there are parts, then the latest, then the highest rating."""
    repeated = _repeated(interactions)
    if not repeated.any():
        return interactions
    preference = [name for name in ("part", "timestamp", "rating") if name in interactions.columns]
    ordered = interactions.filter(repeated).sort(
        "user",
        "item",
        *preference,
        descending=[False, False, *(name != "part" for name in preference)],
        nulls_last=True,
    )
    best = ordered.unique(["user", "item"], keep="first", maintain_order=True)
    return pl.concat([interactions.filter(~repeated), best])


def _repeated(interactions: pl.DataFrame) -> pl.Series:
    """Which interactions are not the only one of their pair; 16 bytes of memory for each interaction."""
    numbers = coded(interactions.select("user", "item"))
    users, items = (numbers[side].to_physical().to_numpy() for side in ("user", "item"))
    pairs = users.astype(np.uint64) << np.uint64(32) | items.astype(np.uint64)
    ordered = np.sort(pairs)
    several = ordered[1:][ordered[1:] == ordered[:-1]]
    return pl.Series(pairs).is_in(pl.Series(several).unique().implode())


def coded(interactions: pl.DataFrame) -> pl.DataFrame:
    """Users and items as codes into dictionaries of their own, quicker to compare than text; who is coded stays so."""
    text = [side for side in ("user", "item") if interactions[side].dtype == pl.String]
    return interactions.cast({side: pl.Categorical(pl.Categories.random()) for side in text})


def praised(interactions: pl.DataFrame, min_rating: float | None) -> pl.DataFrame:
    """Positive feedback: ratings of at least ``min_rating``; everything where there are no ratings or no bound."""
    if min_rating is None or "rating" not in interactions.columns:
        return interactions
    return interactions.filter(pl.col("rating") >= min_rating)


def core_mask(users: Indices, items: Indices, core: int) -> npt.NDArray[np.bool_]:
    """Which interactions belong to the k-core: the largest subset where every user and item has ``core`` of them.

    Removing users can push items below the bound and the other way round, so this repeats until nothing changes.

    Args:
        users, items: codes from 0, shape (n,)

    Returns:
        True for each interaction that stays, shape (n,)
    """
    kept = np.ones(len(users), dtype=bool)
    while True:
        per_user = np.bincount(users[kept], minlength=users.max(initial=-1) + 1)
        per_item = np.bincount(items[kept], minlength=items.max(initial=-1) + 1)
        still = kept & (per_user[users] >= core) & (per_item[items] >= core)
        if still.sum() == kept.sum():
            return kept
        kept = still

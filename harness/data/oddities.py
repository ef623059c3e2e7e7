"""What is odd about data that can be read: said, never mended, because it may be meant."""

from collections.abc import Iterator

import numpy as np
import polars as pl

from harness.spec.options import DataOptions

USUAL_HIGHEST = 5
"""Ratings up to so much are what the default of ``data.min_rating`` is made for."""
PRAISE = 0.75
"""Where 4 lies between 1 and 5."""


def oddities(interactions: pl.DataFrame, options: DataOptions) -> Iterator[str]:
    """A line for each.

    Args:
        interactions: unique, before they are filtered
    """
    yield from _another_scale(interactions, options.min_rating)
    for side in ("user", "item"):
        yield from _written_in_two_ways(interactions[side], side)


def _another_scale(interactions: pl.DataFrame, bound: float | None) -> Iterator[str]:
    """Ratings from 0 to 100 are nearly all above 4, and nearly all would count as praise."""
    if bound is None or "rating" not in interactions.columns:
        return
    ratings = interactions["rating"].drop_nulls().to_numpy()
    low, high = float(ratings.min(initial=np.inf)), float(ratings.max(initial=0))
    if high <= USUAL_HIGHEST or bound >= (low + high) / 2:
        return
    share = float((ratings >= bound).mean())
    yield (
        f"warning: ratings go from {low:g} to {high:g}, and data.min_rating={bound:g} takes {share:.0%} of them for "
        f"praise: set it on their scale, such as data.min_rating={praise(low, high):g}, or to null for all"
    )


def praise(low: float, high: float) -> float:
    """The rating from which on it is praise on a scale from ``low`` to ``high``."""
    return float(f"{low + PRAISE * (high - low):g}")


def _written_in_two_ways(ids: pl.Series, side: str) -> Iterator[str]:
    """Ids that differ in nothing that can be seen: é as one character, or as e and an accent."""
    unique = ids.unique().cast(pl.String)
    beyond_ascii = unique.filter(unique.str.contains(r"[^\x00-\x7F]"))
    forms = pl.DataFrame({"id": beyond_ascii, "form": beyond_ascii.str.normalize("NFC")})
    alike = forms.filter(pl.col("form").is_duplicated())
    if count := alike["form"].n_unique():
        yield (
            f"warning: {count:,} {side}s have ids of two Unicode forms that look the same, such as "
            f"{alike['form'].min()!r}: they count as two each; write them in one form (NFC)"
        )

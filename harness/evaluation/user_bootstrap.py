"""Two runs over the same users: intervals of the differences in accuracy and fairness, by resampling users."""

from collections.abc import Callable, Iterator, Mapping
from math import nan

import numpy as np
import numpy.typing as npt

from harness.domain.top_k import Values
from harness.evaluation.bootstrap_difference import BootstrapDifference
from harness.evaluation.user_outcomes import UserOutcomes
from harness.stats.checks import share

ACCURACY = "ndcg"
RESAMPLES = 2000
BLOCK_NUMBERS = 2**22
"""32 MB."""

Disparities = Mapping[str, Callable[[npt.NDArray[np.float64]], float]]
"""Functions of the utilities of the groups that have something to find, by name."""


def paired_bootstrap(
    first: UserOutcomes,
    second: UserOutcomes,
    disparities: Disparities,
    *,
    resamples: int = RESAMPLES,
    confidence: float = 0.95,
    seed: int = 0,
    block_numbers: int = BLOCK_NUMBERS,
) -> dict[str, BootstrapDifference]:
    """Percentile intervals of second − first for mean NDCG and each disparity (Efron and Tibshirani 1993, chapter 13).

    A resample draws as many users as there are, with replacement, the same for both runs; group utilities u_g are made
    again from the drawn users' hits and targets, and from them the disparities. A group in which no drawn user has
    anything to find is left out of that resample, as empty groups are anywhere.

    It tells what other users of the same kind would change, not what other seeds would. Utilities of resampled users
    spread more than those of the users themselves, so a CV alone is biased upwards; in the difference of two runs on
    the same users this bias cancels as far as their utilities are alike. Identical runs give an interval of length 0,
    and so does a single user, of whom there is only one resample.

    Args:
        first, second: of the same users, groups in the same order
        disparities: by name; ``ndcg`` is taken
        resamples: at least 1
        confidence: share of intervals that cover the true difference
        seed: of the draws
        block_numbers: counts of users, or utilities of groups, in memory at once, however many resamples there are

    Returns:
        by name: ``ndcg``, then the disparities in their order.

    Raises:
        ValueError: for other users or other targets in the second run, no resample or another confidence.
    """
    _check_paired(first, second)
    share(confidence, "confidence")
    if resamples < 1:
        raise ValueError(f"resamples={resamples}: at least 1 is needed")
    everybody = np.ones((1, len(first.users)))
    a, b = (_statistics(run, everybody, disparities)[0] for run in (first, second))
    block = max(1, block_numbers // max(first.wanted.shape))
    draws = [
        _statistics(second, counts, disparities) - _statistics(first, counts, disparities)
        for counts in _counts(len(first.users), resamples, block, seed)
    ]
    differences = np.concatenate(draws)
    return {
        name: _difference(float(a[i]), float(b[i]), differences[:, i], confidence)
        for i, name in enumerate((ACCURACY, *disparities))
    }


def _check_paired(first: UserOutcomes, second: UserOutcomes) -> None:
    if not np.array_equal(first.users, second.users):
        raise ValueError("the two runs rank different users")
    if first.wanted.shape != second.wanted.shape or abs(first.wanted - second.wanted).sum() != 0:
        raise ValueError("the two runs have different groups or targets")


def _counts(n_users: int, resamples: int, block: int, seed: int) -> Iterator[Values]:
    """How often each user is drawn, blocks of shape (b, n_users); the same whatever the size of the blocks."""
    stream = np.random.default_rng(seed)
    for start in range(0, resamples, block):
        rows = min(block, resamples - start)
        drawn = stream.integers(n_users, size=(rows, n_users)) + n_users * np.arange(rows)[:, None]
        yield np.bincount(drawn.ravel(), minlength=rows * n_users).reshape(rows, n_users).astype(np.float64)


def _statistics(run: UserOutcomes, counts: Values, disparities: Disparities) -> Values:
    """Mean NDCG and the disparities of each resample, shape (b, 1 + n_disparities)."""
    means, utilities = run.totals(counts)
    present = ~np.isnan(utilities)
    rows = [[of(row[there]) for of in disparities.values()] for row, there in zip(utilities, present, strict=True)]
    return np.column_stack([means, np.array(rows, dtype=np.float64).reshape(len(means), len(disparities))])


def _difference(first: float, second: float, draws: Values, confidence: float) -> BootstrapDifference:
    """The interval's ends are quantiles of the resampled differences, over those that are defined."""
    defined = draws[np.isfinite(draws)]
    tail = (1 - confidence) / 2
    low, high = np.quantile(defined, [tail, 1 - tail]) if defined.size else (nan, nan)
    return BootstrapDifference(
        first, second, second - first, float(low), float(high), draws.size - defined.size, draws.size
    )

"""Two trained models over the same users: would other users of the same kind see the same difference?

These tests take both models as they are. Whether training again, with other seeds, would give such models is not theirs
to say: that is :func:`harness.stats.paired.paired_test` over seeds.
"""

from dataclasses import dataclass
from math import nan

import numpy as np
import numpy.typing as npt

from harness.stats.checks import sample

RESAMPLES = 9999
BLOCK_NUMBERS = 2**22
"""Signs that are drawn at once: 32 MB."""
TOLERANCE = 1e-12
"""Sums of the same numbers in another order differ by less, relative to the sum of their sizes."""


@dataclass(frozen=True)
class UserTests:
    """Two-sided p-values of one difference, each from another assumption about users.

    Attributes:
        n: how many users
        differ: how many of them are served differently
        difference: the mean over users, second minus first
        t: of a paired t-test: the mean is normally distributed, which thousands of users see to
        wilcoxon: of Wilcoxon's signed-rank test: differences are symmetric about their middle; it is about ranks, so a
            few users with large differences count little
        permutation: of a permutation of signs: either model could have served each user
    """

    n: int
    differ: int
    difference: float
    t: float
    wilcoxon: float
    permutation: float


def user_tests(first: npt.ArrayLike, second: npt.ArrayLike, *, resamples: int = RESAMPLES, seed: int = 0) -> UserTests:
    """Test whether the mean of second − first is 0 (Smucker, Allan and Carterette, CIKM 2007, compare the three).

    Where no user is served differently all are 1; of a single user nothing can be said, and all are NaN.

    Args:
        first, second: one number per user, in the same order of users, shape (u,)
        resamples: random permutations B of signs; p = (b + 1)/(B + 1), b of them being at least as far from 0 (Phipson
            and Smyth 2010)
        seed: of these

    Raises:
        ValueError: for samples of different length, none, or values that are not finite.
    """
    from scipy.stats import ttest_1samp, wilcoxon

    a, b = sample(first, "first"), sample(second, "second")
    if a.size != b.size:
        raise ValueError(f"pairs are needed, not {a.size} values and {b.size}")
    change = b - a
    differ = int(np.count_nonzero(change))
    mean = float(change.mean())
    if a.size == 1:
        return UserTests(1, differ, mean, nan, nan, nan)
    if not differ:
        return UserTests(a.size, 0, mean, 1.0, 1.0, 1.0)
    t = 0.0 if np.ptp(change) == 0 else float(ttest_1samp(change, 0.0).pvalue)
    ranks = float(wilcoxon(change, zero_method="wilcox", method="auto").pvalue)
    return UserTests(a.size, differ, mean, t, ranks, _permuted(change[change != 0], resamples, seed))


def _permuted(change: npt.NDArray[np.float64], resamples: int, seed: int) -> float:
    """The share of random signs under which the sum is at least as far from 0 as it is."""
    generator, size = np.random.default_rng(seed), np.abs(change)
    reached = abs(change.sum()) - TOLERANCE * size.sum()
    as_far, block = 0, max(1, BLOCK_NUMBERS // change.size)
    for start in range(0, resamples, block):
        signs = generator.integers(0, 2, (min(block, resamples - start), change.size), dtype=np.int8)
        sums = 2 * (signs @ size) - size.sum()
        as_far += int(np.count_nonzero(np.abs(sums) >= reached))
    return (as_far + 1) / (resamples + 1)

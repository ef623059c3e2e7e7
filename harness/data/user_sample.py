"""A sample of users to be ranked, where ranking all of them is not affordable."""

import numpy as np

from harness.base.streams import derive
from harness.domain.interactions import Interactions, Split, Test, Validation


def with_sampled_users(parts: Split, n: int | None, seed: int) -> Split:
    """The split whose validation and test parts are of ``n`` random users, the same in both; all users for None.

    Only users with something to find are drawn. Training is untouched and ``digest`` stays that of the whole split:
    the sample is a function of the split, of ``n`` and of ``seed``, in a random stream of its own.
    """
    if n is None:
        return parts
    found = np.union1d(parts.validation.users, parts.test.users)
    if n >= len(found):
        return parts
    chosen = np.zeros(parts.test.n_users, dtype=bool)
    chosen[np.random.default_rng(derive(seed, "evaluation users")).choice(found, n, replace=False)] = True
    validation, test = Validation(*_of(parts.validation, chosen)), Test(*_of(parts.test, chosen))
    return Split(parts.training, validation, test, parts.digest)


def _of(part: Interactions, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray, int, int]:
    """The interactions of the chosen users, as the arguments of a part."""
    kept = chosen[part.users]
    return part.users[kept], part.items[kept], part.n_users, part.n_items

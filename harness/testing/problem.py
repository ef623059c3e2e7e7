"""A small training problem."""

from collections.abc import Sequence

import numpy as np
import torch

from harness.base.streams import Streams
from harness.domain.interactions import Training
from harness.domain.membership import Membership, Side
from harness.plugins import Problem

N_USERS = 60


def toy_problem(
    seed: int = 0,
    *,
    n_users: int = N_USERS,
    n_items: int = 50,
    d_lm: int = 16,
    groups: Sequence[str] = ("comedy", "drama", "horror"),
    empty_groups: Sequence[str] = (),
    cold_items: int = 2,
    side: Side = "item",
    text: bool = True,
    data_seed: int = 0,
) -> Problem:
    """A small problem with something to learn: users take items whose vectors resemble their taste.

    Args:
        seed: of the method's random streams
        groups: overlapping groups; every item (user) is in at least one
        empty_groups: further groups without any member
        cold_items: the last so many items were taken by nobody
        side: who is grouped
        text: whether items have vectors
        data_seed: of interactions, vectors and groups
    """
    draw = np.random.default_rng(data_seed)
    Z = draw.normal(size=(n_items, d_lm))
    Z /= np.linalg.norm(Z, axis=1, keepdims=True)
    appeal = 3 * draw.normal(size=(n_users, d_lm)) @ Z.T + draw.gumbel(size=(n_users, n_items))
    appeal[:, n_items - cold_items :] = -np.inf
    taken = [np.sort(np.argsort(-row)[: draw.integers(5, 12)]) for row in appeal]
    users = np.repeat(np.arange(n_users), [len(items) for items in taken])
    training = Training(users, np.concatenate(taken), n_users, n_items)
    members = n_items if side == "item" else n_users
    labels = [
        [groups[i % len(groups)], *(name for name in groups if draw.random() < 0.3)] for i in draw.permutation(members)
    ]
    membership = Membership.from_labels("toy", side, labels, [*groups, *empty_groups])
    embeddings = Z.astype(np.float32) if text else None
    return Problem(training, embeddings, membership, Streams(seed), torch.device("cpu"))

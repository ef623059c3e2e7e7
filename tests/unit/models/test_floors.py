"""Batches that are filled up group by group: what is added, and that it changes no expectation."""

import numpy as np
import pytest
import torch

from harness.base.changing import put_back, taken
from harness.base.errors import BadInput
from harness.domain.interactions import Training
from harness.domain.membership import Membership
from harness.models.batches import Batch, BatchSampler
from harness.models.floors import Floors
from harness.plugins.registry import registry
from harness.testing import toy_problem

N_ITEMS = 40
USERS, ITEMS = (axis.ravel() for axis in np.mgrid[:20, :N_ITEMS])
TRAINING = Training(USERS, ITEMS, 20, N_ITEMS)
SMALL = 2  # items of the group 'rare', one of which is 'common' too
N, B = len(TRAINING), 80


def membership() -> Membership:
    labels = [["common"]] * (N_ITEMS - SMALL) + [["common", "rare"], ["rare"]]
    return Membership.from_labels("toy", "item", labels)


def floors(floor: int, seed: int = 3, groups: Membership | None = None) -> Floors:
    return Floors(floor, TRAINING, groups or membership(), B, torch.Generator().manual_seed(seed))


def sampler(own: Floors | None) -> BatchSampler:
    order, negatives = torch.Generator().manual_seed(1), torch.Generator().manual_seed(2)
    return BatchSampler(TRAINING, TRAINING, B, 1, order, negatives, floors=own)


def rare(batch: Batch) -> int:
    return int((batch.items >= N_ITEMS - SMALL).sum())


def test_a_small_group_has_its_floor_and_a_pass_visits_everything() -> None:
    plain, filled = list(sampler(None)), list(sampler(floors(30)))
    assert len(filled) == len(plain)
    further = 30 - B * SMALL // N_ITEMS
    for before, after in zip(plain, filled, strict=True):
        assert torch.equal(after.users[:B], before.users)
        assert torch.equal(after.items[:B], before.items)
        assert len(after.items) == B + further
        assert rare(after) == rare(before) + further


def test_who_has_the_floor_already_gets_nothing_and_counts_fully() -> None:
    rows, importance = floors(B * SMALL // N_ITEMS).fill(torch.arange(B))
    assert torch.equal(rows, torch.arange(B))
    assert torch.equal(importance, torch.ones(B, dtype=torch.float64))


def test_of_one_group_nothing_is_changed() -> None:
    one = Membership.from_labels("toy", "item", [["all"]] * N_ITEMS)
    for before, after in zip(sampler(None), sampler(floors(B, groups=one)), strict=True):
        assert torch.equal(after.items, before.items)
        assert after.importance is not None
        assert (after.importance == 1).all()


def test_no_more_rows_come_than_a_group_has() -> None:
    tiny = Membership.from_labels("toy", "item", [["all"]] * (N_ITEMS - 1) + [["tiny"]])
    rows, _ = floors(30, groups=tiny).fill(torch.arange(B))
    assert len(rows) == B + 20


def test_every_row_counts_as_in_uniform_batches() -> None:
    """E[Σ_b ρ_b 1{b is row i}] = B/N, of rows in a small group, in a large one and in both."""
    own, draw, counted, rounds = floors(30), torch.Generator().manual_seed(5), torch.zeros(N).double(), 4000
    for _ in range(rounds):
        rows, importance = own.fill(torch.randperm(N, generator=draw)[:B])
        counted.index_add_(0, rows, importance)
    items = torch.as_tensor(ITEMS)
    for part in (items < N_ITEMS - SMALL, items == N_ITEMS - 2, items == N_ITEMS - 1):
        mean = (counted[part] / rounds).mean()
        assert mean.item() == pytest.approx(B / N, rel=0.02)


def test_a_small_groups_loss_is_the_same_and_varies_less() -> None:
    values = torch.rand(N, generator=torch.Generator().manual_seed(6), dtype=torch.float64)
    C = torch.as_tensor(membership().shares_of(USERS, ITEMS).toarray(), dtype=torch.float64)
    truth = (values @ C / C.sum(0))[1]

    def estimates(floor: int) -> torch.Tensor:
        own, draw = floors(floor), torch.Generator().manual_seed(7)
        found = []
        for _ in range(2000):
            rows, importance = own.fill(torch.randperm(N, generator=draw)[:B])
            weights = importance * C[rows, 1]
            found.append(values[rows] @ weights / weights.sum())
        return torch.stack(found)[torch.stack(found).isfinite()]

    plain, filled = estimates(1), estimates(40)
    assert filled.mean().item() == pytest.approx(truth.item(), abs=0.01)
    assert filled.var() < 0.3 * plain.var()


def test_floors_that_fill_more_than_a_batch_are_refused() -> None:
    with pytest.raises(
        BadInput, match=r"config\.floor=41: so many rows of each of 2 groups are more than a batch of 80"
    ):
        floors(41)


def test_drawing_goes_on_where_it_stopped() -> None:
    first, second = sampler(floors(30)), sampler(floors(30, seed=9))
    next(iter(first))
    put_back(second, taken(first))
    for ours, theirs in zip(first, second, strict=True):
        assert torch.equal(ours.items, theirs.items)


@pytest.mark.parametrize("name", ["bifair", "separate", "joint", "group_dro", "s_dro", "mgda", "upgrad"])
def test_floors_change_what_a_method_learns_only_where_a_group_is_below(name: str) -> None:
    plugin = registry.get("method", name)
    options = {"batch_size": 64, "negatives": 8, "dim": 8, "min_rows": 1}
    options |= {"warmup_epochs": 1} if name == "bifair" else {}
    learnt = []
    for floor in (0, 1, 20):
        method = plugin(plugin.Config(**options, floor=floor))
        method.prepare(toy_problem(groups=("comedy", "drama", "horror")))
        for _ in range(2):
            method.train_epoch()
        learnt.append(method.theta)
    assert torch.equal(learnt[0], learnt[1])
    assert not torch.equal(learnt[0], learnt[2])

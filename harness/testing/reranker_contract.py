"""What holds for every re-ranker."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import pytest
import torch

from harness.domain.membership import Membership
from harness.domain.ranking import top
from harness.evaluation.reranking import Reranking
from harness.plugins import Reranker
from harness.testing.contract import Contract

N_USERS, N_ITEMS, LENGTH = 8, 12, 4
SEEDS = range(5)


class RerankerContract(Contract[Reranker]):
    """Lists stay lists: full, without repetition and without what is masked; and groups have no names.

    Attributes:
        reranker: its registered name
        config: its options here
        neutral: options under which lists are those of the scores, where there are such
    """

    kind: ClassVar[str] = "reranker"
    reranker: str
    neutral: ClassVar[Mapping[str, Any]] = {}

    def test_lists_are_full_without_repetition_or_masked_items(self) -> None:
        for seed in SEEDS:
            scores = toy_scores(seed)
            for row, items in zip(scores, self.lists(scores).tolist(), strict=True):
                listed = [item for item in items if item >= 0]
                assert len(set(listed)) == len(listed) == min(LENGTH, int((row > -torch.inf).sum()))
                assert (row[listed] > -torch.inf).all()

    def test_every_pass_begins_afresh(self) -> None:
        reranking = self.reranking()
        first, second = reranking.begin(), reranking.begin()
        scores = toy_scores(0)
        assert torch.equal(first(scores, LENGTH), second(scores, LENGTH))

    def test_lists_do_not_depend_on_how_users_come_in_blocks(self) -> None:
        """Blocks of the re-ranker's own batch: users are asked for in a fixed order."""
        scores = torch.cat([toy_scores(seed) for seed in range(3)])
        batch = self.reranking().begin().reranker.batch
        begun = self.reranking().begin()
        apart = torch.cat([begun(block, LENGTH) for block in scores.split(batch)])
        assert torch.equal(apart, self.lists(scores))

    def test_the_order_of_groups_does_not_matter(self) -> None:
        for seed in SEEDS:
            scores = toy_scores(seed)
            assert torch.equal(self.lists(scores, toy_groups(("c", "a", "b"))), self.lists(scores))

    def test_with_a_single_group_there_is_nobody_to_be_fair_to(self) -> None:
        alone = Membership.from_labels("alone", "item", [["all"]] * N_ITEMS)
        for seed in SEEDS:
            scores = toy_scores(seed)
            assert torch.equal(self.lists(scores, alone), top(scores, LENGTH))

    def test_neutral_options_leave_the_lists_alone(self) -> None:
        if not self.neutral:
            pytest.skip("no neutral options are named")
        for seed in SEEDS:
            scores = toy_scores(seed)
            assert torch.equal(self.lists(scores, **self.neutral), top(scores, LENGTH))

    def test_bonuses_are_one_finite_number_of_each_item(self) -> None:
        begun = self.reranking().begin()
        for seed in SEEDS:
            bonus = begun.reranker.bonus()
            assert bonus.shape == (N_ITEMS,)
            assert torch.isfinite(bonus).all()
            begun(toy_scores(seed), LENGTH)

    def reranking(self, membership: Membership | None = None, **options: Any) -> Reranking:
        """The re-ranker with its options, not begun."""
        config = self.plugin.Config.model_validate({**self.config, **options, "name": self.reranker})
        return Reranking(config, membership or toy_groups(), LENGTH)

    def lists(self, scores: torch.Tensor, membership: Membership | None = None, **options: Any) -> torch.Tensor:
        """The lists of as many users as ``scores`` has rows."""
        return self.reranking(membership, **options).begin()(scores, LENGTH)


def toy_groups(names: tuple[str, ...] = ("a", "b", "c")) -> Membership:
    """Overlapping groups of items, in the order ``names``."""
    labels = [["a"], ["a", "b"], ["a"], ["b"], ["a", "c"], ["c"]] * (N_ITEMS // 6)
    return Membership.from_labels("toy", "item", labels, names)


def toy_scores(seed: int) -> torch.Tensor:
    """Random scores without ties, shape (N_USERS, N_ITEMS), some of them masked; the last user has two items left."""
    draw = np.random.default_rng(seed)
    scores = np.stack([draw.permutation(N_ITEMS) for _ in range(N_USERS)]) / 4
    scores[draw.random(scores.shape) < 0.2] = -np.inf
    scores[-1, 2:] = -np.inf
    return torch.as_tensor(scores, dtype=torch.float32)

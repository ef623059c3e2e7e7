"""The min-regularizer by hand."""

import pytest
import torch

from harness.builtin.rerankers.min_regularizer import MinRegularizer, MinRegularizerConfig
from harness.domain.membership import Membership

C = torch.as_tensor(
    Membership.from_labels("ab", "item", [["a"], ["a", "b"], ["b"]], ["a", "b", "empty"]).shares.toarray()
).double()


def test_bonuses_by_hand() -> None:
    reranker = MinRegularizer(MinRegularizerConfig(lam=2.0), C)
    assert reranker.bonus().tolist() == [0, 0, 0], "nothing shown: nobody is ahead"
    reranker.observe(torch.tensor([[3.0, 1.0, 0.0]]).double())
    assert reranker.bonus().tolist() == [-4, -2, 0], "a is ahead by 2; a group without items is nobody's rival"
    reranker.observe(torch.tensor([[0.0, 2.0, 0.0], [0.0, 2.0, 0.0]]).double())
    assert reranker.bonus().tolist() == pytest.approx([0, -2 / 3, -4 / 3]), "b is ahead by 2, after three users"

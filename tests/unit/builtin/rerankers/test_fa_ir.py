"""FA*IR's lists: as many protected items as its table asks for at every place, and no more than score or table want."""

import numpy as np
import pytest
import torch

from harness.base.errors import BadInput
from harness.builtin.rerankers.fa_ir import FairTopKConfig
from harness.domain.membership import Membership
from harness.domain.ranking import top
from harness.evaluation.reranking import Reranking
from harness.stats.ranked_group_fairness import corrected_fewest_protected, fewest_protected

N = 14
GROUPS = Membership.from_labels("two", "item", [["few"] if i % 3 == 0 else ["many"] for i in range(N)])
"""Five protected items."""


def lists_of(scores: np.ndarray, k: int, membership: Membership = GROUPS, **options: object) -> list[list[int]]:
    begun = Reranking(FairTopKConfig.model_validate({"name": "fa_ir", **options}), membership, k).begin()
    return begun(torch.as_tensor(scores, dtype=torch.float32), k).tolist()


def by_hand(row: np.ndarray, k: int, table: np.ndarray, protected: np.ndarray) -> list[int]:
    queue = [int(i) for i in np.argsort(-row, kind="stable") if np.isfinite(row[i])]
    made: list[int] = []
    for fewest in table[: len(queue)]:
        wanted = [i for i in queue if protected[i]] if protected[made].sum() < fewest else []
        made.append((wanted or queue)[0])
        queue.remove(made[-1])
    return made + [-1] * (k - len(made))


@pytest.mark.parametrize("corrected", [True, False])
@pytest.mark.parametrize("p", [0.4, 0.5, 0.7, 1.0])
def test_lists_by_the_algorithm(p: float, corrected: bool) -> None:
    rng = np.random.default_rng(3)
    scores = rng.integers(0, 9, (40, N)) - 3.0 * (np.arange(N) % 3 == 0)
    scores[rng.random(scores.shape) < 0.2] = -np.inf
    table = (corrected_fewest_protected if corrected else fewest_protected)(8, p, 0.1)
    assert table[-1] > 0
    protected = np.arange(N) % 3 == 0
    expected = [by_hand(row, 8, table, protected) for row in scores]
    assert lists_of(scores, 8, lam=p, corrected=corrected) == expected


def test_who_is_protected() -> None:
    scores = -np.arange(N, dtype=float)[None]
    assert lists_of(scores, 5, lam=1.0) == [[0, 3, 6, 9, 12]]
    assert lists_of(scores, 5, lam=1.0, protected="largest") == [[1, 2, 4, 5, 7]]
    assert lists_of(scores, 5, lam=1.0, protected="many") == [[1, 2, 4, 5, 7]]
    even = Membership.from_labels("even", "item", [["a"], ["b"]] * (N // 2))
    assert lists_of(scores, 5, even, lam=1.0) == [[0, 1, 2, 3, 4]], "groups of one size are protected together"


def test_a_group_that_is_not_there_is_refused_before_training() -> None:
    config = FairTopKConfig(name="fa_ir", protected="manny")
    with pytest.raises(BadInput, match=r"unknown group in rerank\.protected 'manny': did you mean 'many'"):
        Reranking(config, GROUPS, 4).check(10)


def test_a_fair_list_stays_as_it_is() -> None:
    scores = np.zeros((1, N))
    scores[0, ::3] = 1
    assert lists_of(scores, 6, lam=0.5) == top(torch.as_tensor(scores, dtype=torch.float32), 6).tolist()

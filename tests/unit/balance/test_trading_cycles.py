"""Top trading cycles against the only allocation that nobody can block, found among all there are."""

from itertools import combinations, permutations

import numpy as np
import pytest

from harness.balance.trading_cycles import trade


def blocked(values: np.ndarray, holds: tuple[int, ...]) -> bool:
    """Whether some people could do better with their own things alone, none of them losing."""
    m = len(values)
    for size in range(1, m + 1):
        for group in combinations(range(m), size):
            for swap in permutations(group):
                gains = [values[u, v] - values[u, holds[u]] for u, v in zip(group, swap, strict=True)]
                if min(gains) >= 0 and max(gains) > 0:
                    return True
    return False


@pytest.mark.parametrize("seed", range(25))
def test_the_allocation_is_the_only_one_that_nobody_can_block(seed: int) -> None:
    rng = np.random.default_rng(seed)
    m = int(rng.integers(1, 6))
    values = rng.permuted(np.tile(np.arange(m), (m, 1)), axis=1).astype(float)
    unblocked = [holds for holds in permutations(range(m)) if not blocked(values, holds)]
    assert unblocked == [tuple(trade(values)[0].tolist())]


@pytest.mark.parametrize("seed", range(5))
def test_nobody_loses_or_envies_somebody_settled_later(seed: int) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 8, (40, 40)) + rng.integers(0, 8, 40) * 1.0
    holds, order = trade(values)
    assert sorted(holds) == sorted(order) == list(range(40))
    now = values[np.arange(40)[:, None], holds[None]]  # what u thinks of what v has in the end
    assert (now.diagonal() >= values.diagonal()).all()
    for place, person in enumerate(order):
        assert (now[person, order[place + 1 :]] <= now[person, person]).all()


def test_two_who_envy_each_other_swap_and_the_contented_keep_theirs() -> None:
    holds, order = trade(np.array([[1.0, 2.0, 0.0], [2.0, 1.0, 0.0], [9.0, 9.0, 9.0]]))
    assert holds.tolist() == [1, 0, 2]
    assert sorted(order.tolist()) == [0, 1, 2]

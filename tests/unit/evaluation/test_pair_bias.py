"""Bias disparity of groups of users towards groups of items: its definition in plain loops, and as an option."""

import math
from statistics import fmean

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.base.errors import BadInput
from harness.cli.app import main
from harness.domain.exposure_names import OF_PAIRS
from harness.domain.interactions import Interactions, Test, Training
from harness.domain.membership import Membership
from harness.domain.ranking import NO_ITEM, Ranking
from harness.domain.top_k import Judged
from harness.evaluation.evaluate import Fairness, evaluate
from harness.evaluation.pair_bias import bias_disparities
from harness.spec.build import build_spec
from harness.spec.options import EvaluationOptions

N_ITEMS = 8


def part(sets: list[set[int]], kind: type[Interactions]) -> Interactions:
    pairs = [(user, item) for user, some in enumerate(sets) for item in sorted(some)]
    users, items = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return kind(users, items, len(sets), N_ITEMS)


def judged(lists: list[list[int]], trained: list[set[int]], ranked: list[int]) -> Judged:
    """Of the users ``ranked``, whose lists these are; what they wanted plays no part."""
    length = max(1, *map(len, lists))
    items = np.array([row + [NO_ITEM] * (length - len(row)) for row in lists], dtype=np.int64)
    ranking = Ranking(np.array(ranked), items, np.zeros(items.shape, dtype=bool), np.ones(len(lists), dtype=np.int64))
    wanted = [{0} if user in ranked else set() for user in range(len(trained))]
    return Judged(ranking, part(wanted, Test), [part(trained, Training)])


def preference(taken: dict[int, list[int]], category: set[int], group: set[int]) -> float:
    """PR(G, C); NaN where the group has nothing."""
    own = [item for user, row in taken.items() if user in group for item in row]
    return sum(item in category for item in own) / len(own) if own else math.nan


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 6), st.integers(1, 3), st.integers(1, 3))
def test_agrees_with_the_definition_pair_by_pair(seed: int, n_users: int, n_groups: int, n_categories: int) -> None:
    rng = np.random.default_rng(seed)
    trained = [set(rng.permutation(N_ITEMS)[: rng.integers(0, 4)].tolist()) for _ in range(n_users)]
    trained[0] |= {0}
    ranked = sorted(rng.permutation(n_users)[: rng.integers(1, n_users + 1)].tolist())
    lists = [rng.permutation(N_ITEMS)[: rng.integers(0, 5)].tolist() for _ in ranked]

    def members(n: int, groups: int, name: str, side: str) -> Membership:
        marks = [rng.permutation(groups)[: rng.integers(1, groups + 1)].tolist() for _ in range(n)]
        names = [f"{name}{group}" for group in range(groups)]
        labels = [[names[group] for group in row] for row in marks]
        return Membership.from_labels("some", side, labels, order=names)  # type: ignore[arg-type]

    users, items = members(n_users, n_groups, "u", "user"), members(N_ITEMS, n_categories, "i", "item")
    whole = judged(lists, trained, ranked)
    cuts = [whole.at(k) for k in (1, whole.ranking.k)]
    for top, found in zip(cuts, bias_disparities(cuts, items, users), strict=True):
        for group in range(n_groups):
            own = set(np.flatnonzero(users.matrix.toarray()[:, group]).tolist())
            for category in range(n_categories):
                of = set(np.flatnonzero(items.matrix.toarray()[:, category]).tolist())
                P = len(of) / N_ITEMS
                shown = preference({user: row[: top.k] for user, row in zip(ranked, lists, strict=True)}, of, own)
                known = preference({user: sorted(trained[user]) for user in ranked}, of, own)
                expected = (shown / P - known / P) / (known / P) if P and known > 0 else math.nan
                assert found[group, category] == pytest.approx(expected, nan_ok=True)


WOMEN_AND_MEN = Membership.from_labels("gender", "user", [["w"], ["w"], ["m"]])
CATEGORIES = Membership.from_labels("genre", "item", [["a"]] * 4 + [["b"]] * 4)


def test_amplified_and_reversed_bias_by_hand() -> None:
    """Women took 3 of a and 1 of b and are shown a alone; the man took a alone and is shown as much of each."""
    whole = judged([[2, 3], [2, 3], [1, 5]], [{0, 1}, {0, 4}, {0, 2}], [0, 1, 2])
    (found,) = bias_disparities([whole.at(2)], CATEGORIES, WOMEN_AND_MEN)
    men, women = found
    assert women == pytest.approx([1 / (3 / 4) - 1, -1])
    assert men[0] == pytest.approx(-1 / 2)
    assert math.isnan(men[1]), "the man has no training interaction with b"


def reported(membership: Membership, **least: int) -> dict[str, float]:
    """Metrics of three users' lists of two: women are shown a alone, the man one of each."""
    scores = torch.tensor([[0, 0, 9, 8, 1, 1, 1, 1], [0, 0, 9, 8, 1, 1, 1, 1], [0, 9, 0, 0, 0, 8, 0, 0]]).float()
    training, target = part([{0, 1}, {0, 4}, {0, 2}], Training), part([{2}, {2}, {1}], Test)
    options = EvaluationOptions(ks=(2,), headline_k=2, metrics=("recall",), exposure=("pair_bias_disparity",))
    fairness = Fairness(membership, least_test=least)  # type: ignore[arg-type]
    found = evaluate(lambda users: scores[users], target, [training], [fairness], options)
    return {str(key): value for key, value in found.metrics.items()}


def test_the_mean_over_pairs_and_how_many_are_left_out_are_reported_of_two_sided_groups_alone() -> None:
    both = reported(Membership.two_sided("two_sided", CATEGORIES, WOMEN_AND_MEN))
    assert both["two_sided/pair_bias_disparity_at_2"] == pytest.approx(fmean([1 / 3, 1, 1 / 2]))
    assert both["two_sided/pair_bias_undefined_at_2"] == 1
    assert not [key for key in reported(CATEGORIES) if "pair_bias" in key]


def test_groups_with_too_little_test_data_are_left_out() -> None:
    """The man's one target is too little; nobody wants anything of b."""
    found = reported(Membership.two_sided("two_sided", CATEGORIES, WOMEN_AND_MEN), item=2, user=2)
    assert found["two_sided/pair_bias_disparity_at_2"] == pytest.approx(1 / 3)
    assert found["two_sided/pair_bias_undefined_at_2"] == 0


@pytest.mark.parametrize("name", OF_PAIRS)
def test_without_two_sides_they_are_refused(name: str) -> None:
    with pytest.raises(BadInput, match=r"evaluation.exposure: pair_bias.*such as two_sided, in groups") as found:
        build_spec({"groups": ["genre"], "evaluation": {"exposure": [name]}})
    assert "\n" not in str(found.value)
    assert build_spec({"groups": ["genre", "two_sided"], "evaluation": {"exposure": [name]}}).evaluation.exposure


def test_exposure_of_items_is_refused_where_users_alone_are_grouped() -> None:
    users = {"group": "gender", "groups": ["gender"], "method": "alpharec"}
    with pytest.raises(BadInput, match=r"evaluation.exposure: awrf is of groups of items: report a grouping of items"):
        build_spec({**users, "evaluation": {"exposure": ["awrf"]}})
    assert build_spec({**users, "groups": ["gender", "genre"], "evaluation": {"exposure": ["awrf"]}})


def test_they_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["list", "metrics"])
    shown = " ".join(capsys.readouterr().out.split())
    assert all(f"GROUPING/{name}_at_K" in shown for name in OF_PAIRS)

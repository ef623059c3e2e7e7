"""Exposure of groups by measures on request, against their definitions in plain loops, and as an option of a run."""

import math
from collections.abc import Sequence
from statistics import fmean

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.base.errors import BadInput
from harness.domain.exposure_names import ALWAYS, EXPOSURE_DISPARITIES, OF_PAIRS
from harness.domain.interactions import Interactions, Test, Training
from harness.domain.membership import Membership
from harness.domain.metric_key import MetricKey
from harness.domain.ranking import NO_ITEM, Ranking
from harness.domain.top_k import Judged, TopK
from harness.evaluation.evaluate import Fairness, evaluate
from harness.evaluation.exposure_on_request import Requested
from harness.plugins.direction import direction
from harness.spec.build import build_spec
from harness.spec.options import EvaluationOptions

ON_REQUEST = ("awrf", "ee_l", "ee_d", "ee_r", "bias_disparity")
Sets = list[set[int]]
Lists = list[list[int]]


def judged(lists: Lists, targets: Sets, trained: Sets, n_items: int) -> Judged:
    length = max(1, *map(len, lists))
    items = np.array([row + [NO_ITEM] * (length - len(row)) for row in lists], dtype=np.int64)
    hits = np.array([[item in targets[user] for item in row] for user, row in enumerate(items.tolist())])
    ranking = Ranking(np.arange(len(lists)), items, hits, np.array([len(some) for some in targets]))
    return Judged(ranking, part(targets, n_items, Test), [part(trained, n_items, Training)])


def requested(
    names: Sequence[str], top: TopK, items: Membership, counted: np.ndarray | None = None
) -> dict[str, float]:
    return Requested(names, [top]).of(items, counted)[0]


def part(sets: Sets, n_items: int, kind: type[Interactions]) -> Interactions:
    pairs = [(user, item) for user, some in enumerate(sets) for item in sorted(some)]
    users, items = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    return kind(users, items, len(sets), n_items)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Lists, Sets, Sets, Membership]:
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    n_items, lists, targets, trained = draw(st.integers(4, 9)), [], [], []
    for _ in range(draw(st.integers(1, 5))):
        order = rng.permutation(n_items).tolist()
        known = set(order[: int(rng.integers(1, n_items - 2))])
        free = [item for item in order if item not in known]
        targets.append({item for item in free if rng.random() < 0.4} | {free[0]})
        lists.append([int(item) for item in rng.permutation(free)[: rng.integers(0, len(free) + 1)]])
        trained.append(known)
    names = [f"g{number}" for number in range(draw(st.integers(1, 4)))]
    labels = [sorted(draw(st.sets(st.sampled_from(names), min_size=1))) for _ in range(n_items)]
    return lists, targets, trained, Membership.from_labels("genre", "item", labels, order=names)


@settings(max_examples=150, deadline=None)
@given(worlds(), st.integers(1, 5), st.data())
def test_agrees_with_the_definitions_item_by_item(
    world: tuple[Lists, Sets, Sets, Membership], longest: int, data: st.DataObject
) -> None:
    lists, targets, trained, groups = world
    member = groups.matrix.toarray() > 0
    n_items, n_groups = member.shape
    everything = judged(lists, targets, trained, n_items)
    k = min(longest, everything.ranking.k)
    counted = data.draw(st.none() | st.lists(st.booleans(), min_size=n_groups, max_size=n_groups).map(np.array))
    chosen = [g for g in range(n_groups) if counted is None or counted[g]]
    cut = [row[:k] for row in lists]
    found = requested(ON_REQUEST, everything.at(k), groups, counted)

    def share(item: int, group: int) -> float:
        return member[item, group] / member[item].sum()

    # AWRF: list by list
    catalogue = {g: sum(share(i, g) for i in range(n_items)) for g in chosen}
    distances = []
    for row in cut:
        exposure = {g: sum(share(i, g) / math.log2(r + 1) for r, i in enumerate(row, 1)) for g in chosen}
        if total := sum(exposure.values()):
            whole = sum(catalogue.values())
            distances.append(sum(abs(exposure[g] / total - catalogue[g] / whole) for g in chosen) / 2)
    assert found["awrf"] == pytest.approx(fmean(distances) if distances else math.nan, nan_ok=True)

    # expected exposure: the ideal puts every target at each of the first places, every other at each of the rest
    gets, deserves = dict.fromkeys(chosen, 0.0), dict.fromkeys(chosen, 0.0)
    for row, some, known in zip(cut, targets, trained, strict=True):
        free = set(range(n_items)) - known
        for g in chosen:
            gets[g] += sum(share(i, g) * 0.5**r for r, i in enumerate(row)) / len(lists)
            first = fmean(0.5**r for r in range(len(some)))
            rest = fmean([0.5**r for r in range(len(some), len(free))] or [0.0])
            deserves[g] += sum(share(i, g) * (first if i in some else rest) for i in free) / len(lists)
    assert found["ee_l"] == pytest.approx(sum((gets[g] - deserves[g]) ** 2 for g in chosen))
    assert found["ee_d"] == pytest.approx(sum(gets[g] ** 2 for g in chosen))
    assert found["ee_r"] == pytest.approx(2 * sum(gets[g] * deserves[g] for g in chosen))

    # bias disparity: B(g) of lists and of training interactions, with the share of the catalogue that cancels
    def bias(taken: list[list[int]] | Sets, g: int) -> float:
        of_group = sum(member[i, g] for row in taken for i in row) / sum(len(row) for row in taken)
        return float(of_group / (member[:, g].sum() / n_items))

    if any(cut):
        source = {g: bias(trained, g) for g in chosen if member[:, g].any()}
        cells = [abs(bias(cut, g) - of) / of for g, of in source.items() if of]
        assert found["bias_disparity"] == pytest.approx(fmean(cells) if cells else math.nan, nan_ok=True)
    else:
        assert math.isnan(found["bias_disparity"])


@pytest.mark.parametrize(("n_items", "n_groups"), [(60, 5), (3000, 12), (300, 200)], ids=str)
@pytest.mark.parametrize("some", [False, True])
def test_awrf_at_every_cut_off_of_few_and_many_groups(n_items: int, n_groups: int, some: bool) -> None:
    rng = np.random.default_rng(n_items)
    labels = [[f"g{g:03}" for g in rng.choice(n_groups, rng.integers(1, 4), replace=False)] for _ in range(n_items)]
    groups = Membership.from_labels("genre", "item", labels)
    lists = [rng.permutation(n_items)[:length].tolist() for length in (0, 3, 20, 20, 11, 20)]
    whole = judged(lists, [{0}] * 6, [set()] * 6, n_items)
    counted = rng.random(len(groups.names)) < 0.5 if some else None
    found = Requested(["awrf"], [whole.at(k) for k in (20, 5, 10)]).of(groups, counted)
    member = groups.matrix.toarray().astype(float)
    C = member / member.sum(axis=1, keepdims=True)
    C = C if counted is None else C[:, counted]
    for k, values in zip((20, 5, 10), found, strict=True):
        discounts = [1 / math.log2(r + 1) for r in range(1, k + 1)]
        exposures = [sum(d * C[i] for d, i in zip(discounts, row, strict=False)) for row in lists[1:]]
        distances = [abs(e / e.sum() - C.sum(axis=0) / C.sum()).sum() / 2 for e in exposures if e.sum() > 0]
        assert values["awrf"] == pytest.approx(fmean(distances), abs=1e-12)


GROUPS = Membership.from_labels("genre", "item", [["a"], ["a"], ["b"], ["b"]])


def test_binary_awrf_is_the_distance_of_one_groups_exposure_from_its_share() -> None:
    """As Raj and Ekstrand write it: |ε_a − p̂_a|, of each list."""
    top = judged([[0, 2], [0, 1]], [{0}, {1}], [{3}, {3}], 4).at(2)
    first = 1 / (1 + 1 / math.log2(3))
    assert requested(["awrf"], top, GROUPS)["awrf"] == pytest.approx(fmean([first - 1 / 2, 1 - 1 / 2]))


def test_lists_that_are_fair_together_are_not_fair_each() -> None:
    """That is what AWRF sees and dp_discounted does not."""
    top = judged([[0], [2]], [{0}, {2}], [{3}, {1}], 4).at(1)
    assert requested(["awrf"], top, GROUPS)["awrf"] == pytest.approx(1 / 2)
    fair = judged([[0, 2], [2, 0]], [{0}, {2}], [{3}, {1}], 4).at(2)
    unfair = judged([[0, 2], [0, 2]], [{0}, {2}], [{3}, {1}], 4).at(2)
    assert requested(["ee_d"], fair, GROUPS)["ee_d"] == pytest.approx(2 * 0.75**2), "both groups get the same"
    assert requested(["ee_d"], unfair, GROUPS)["ee_d"] == pytest.approx(1 + 1 / 4)


def test_lists_like_the_training_data_have_no_bias_disparity() -> None:
    top = judged([[1, 3], [0, 2]], [{1}, {0}], [{0, 2}, {1, 3}], 4).at(2)
    assert requested(["bias_disparity"], top, GROUPS)["bias_disparity"] == pytest.approx(0)
    doubled = judged([[1], [0]], [{1}, {0}], [{0, 2}, {1, 3}], 4).at(1)  # a has 1/2 of training, and every list
    assert requested(["bias_disparity"], doubled, GROUPS)["bias_disparity"] == pytest.approx(1)


def test_without_training_interactions_there_is_no_bias_to_compare_with() -> None:
    known = judged([[1, 3], [0, 2]], [{1}, {0}], [{0}, {1}], 4)
    top = Judged(known.ranking, known.target).at(2)
    assert math.isnan(requested(["bias_disparity"], top, GROUPS)["bias_disparity"])


# --- as an option ----------------------------------------------------------------------------------------------------


def test_they_are_reported_where_a_spec_names_them_and_only_there() -> None:
    target = Test(np.array([0, 1]), np.array([1, 2]), 2, 4)
    training = Training(np.array([0, 1]), np.array([0, 3]), 2, 4)

    def keys(**asked: tuple[str, ...]) -> set[str]:
        options = EvaluationOptions(ks=(2,), headline_k=2, metrics=("recall",), **asked)
        scores = torch.tensor([[0.4, 0.3, 0.2, 0.1], [0.1, 0.2, 0.3, 0.4]])
        found = evaluate(lambda users: scores[users], target, [training], [Fairness(GROUPS)], options)
        return {str(key) for key in [*found.metrics, *found.undefined]}

    before, after = keys(), keys(exposure=ON_REQUEST)
    assert {f"genre/{name}_at_2" for name in ALWAYS} <= before
    assert after - before == {f"genre/{name}_at_2" for name in ON_REQUEST}


def test_a_spec_that_does_not_ask_is_written_and_hashed_as_before() -> None:
    plain, asking = build_spec({}), build_spec({"evaluation": {"exposure": ["awrf"]}})
    assert "exposure" not in plain.model_dump()["evaluation"]
    assert asking.model_dump(mode="json")["evaluation"]["exposure"] == ["awrf"]
    assert plain.digest != asking.digest


@pytest.mark.parametrize(("name", "told"), [("awfr", "did you mean 'awrf'"), ("dp", "on request 'dp'")])
def test_others_cannot_be_asked_for(name: str, told: str) -> None:
    with pytest.raises(BadInput, match=told):
        build_spec({"evaluation": {"exposure": [name]}})


def test_every_one_of_them_is_measured_and_has_a_direction() -> None:
    asked = tuple(name for name, one in EXPOSURE_DISPARITIES.items() if one.on_request)
    assert asked == (*ON_REQUEST, *OF_PAIRS), "of pairs: test_pair_bias.py"
    found = {name: direction(MetricKey(name, 20, "genre", split="test")) for name in ON_REQUEST}
    assert found == dict.fromkeys(ON_REQUEST, "lower") | {"ee_r": "higher"}

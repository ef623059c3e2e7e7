"""Group utilities by hand, evaluation as a whole, and what must not change a metric."""

import numpy as np
import pytest
import torch

from harness.base.errors import BadInput
from harness.domain.group_keys import MAX_LENGTH, group_keys
from harness.domain.interactions import Interactions, Test, Training, Validation
from harness.domain.membership import Membership
from harness.domain.metric_key import MetricKey
from harness.domain.ranking import rank
from harness.domain.top_k import Judged
from harness.evaluation.evaluate import Evaluation, Fairness, evaluate, validate
from harness.evaluation.group_row import GroupRow
from harness.evaluation.group_utilities import group_utilities
from harness.spec.options import EvaluationOptions

key = MetricKey.parse


def part(pairs: list[tuple[int, int]], n_users: int, n_items: int, kind: type[Interactions] = Test) -> Interactions:
    users, items = np.array(sorted(pairs), dtype=np.int64).reshape(-1, 2).T
    return kind(users, items, n_users, n_items)


# Three users, five items; item 1 has two genres, nobody is asked about westerns, user 2 has nothing to find.
TARGET = part([(0, 0), (0, 1), (0, 2), (1, 1), (1, 3)], 3, 5)
SCORES = torch.tensor([[5.0, 1.0, 4.0, 3.0, 2.0], [5.0, 4.0, 2.0, 3.0, 1.0], [1.0, 2.0, 3.0, 4.0, 5.0]])
GENRES = Membership.from_labels("genre", "item", [["drama"], ["drama", "comedy"], ["comedy"], ["war"], ["western"]])
AGES = Membership.from_labels("age", "user", [["young"], ["young", "old"], ["none"]], order=["young", "old", "none"])


def score(users: torch.Tensor) -> torch.Tensor:
    return SCORES[users]


@pytest.fixture
def judged() -> Judged:
    """User 0 sees 0, 2, 3 (hits at ranks 1 and 2), user 1 sees 0, 1, 3 (hits at ranks 2 and 3)."""
    return Judged(rank(score, TARGET, [], 3), TARGET)


def test_item_groups_by_hand(judged: Judged) -> None:
    found = group_utilities(judged.at(2), GENRES)
    assert GENRES.names == ("comedy", "drama", "war", "western")
    # comedy: (0,1) missed, (0,2) hit, (1,1) hit; drama: (0,0) hit, (0,1) missed, (1,1) hit; war: (1,3) only at rank 3
    np.testing.assert_allclose(found.values, [2 / 3, 2 / 3, 0.0, np.nan])
    assert found.interactions.tolist() == [3, 3, 1, 0]
    assert found.present.tolist() == [True, True, True, False]


def test_item_groups_discounted_by_rank(judged: Judged) -> None:
    found = group_utilities(judged.at(3), GENRES, "ndcg")
    second, third = 1 / np.log2(3), 1 / np.log2(4)
    np.testing.assert_allclose(found.values, [2 * second / 3, (1 + second) / 3, third, np.nan])


def test_user_groups_are_means_over_users_with_something_to_find(judged: Judged) -> None:
    found = group_utilities(judged.at(2), AGES)
    np.testing.assert_allclose(found.values, [(2 / 3 + 1 / 2) / 2, 1 / 2, np.nan])
    assert found.interactions.tolist() == [5, 2, 0]
    second, third = 1 / np.log2(3), 1 / np.log2(4)
    ndcg = [(1 + second) / (1 + second + third), (second + third) / (1 + second)]
    found = group_utilities(judged.at(3), AGES, "ndcg")
    np.testing.assert_allclose(found.values, [np.mean(ndcg), ndcg[1], np.nan])


def test_one_group_of_all_items_gets_the_micro_recall(judged: Judged) -> None:
    everything = Membership.from_labels("all", "item", [["all"]] * 5)
    assert group_utilities(judged.at(3), everything).values == pytest.approx([4 / 5])


def test_evaluation_names_the_groups_it_leaves_out() -> None:
    options = EvaluationOptions(ks=(1, 2), headline_k=2)
    found = evaluate(score, TARGET, [], [Fairness(GENRES), Fairness(AGES, "ndcg", ("minimum",))], options)
    assert found.left_out == {"genre": ["western"], "age": ["none"]}
    assert GroupRow("genre", "comedy", 2, pytest.approx(2 / 3), 3, 2) in found.groups
    assert {row.group for row in found.groups} == {"comedy", "drama", "war", "young", "old"}
    utilities = np.array([2 / 3, 2 / 3, 0])
    assert found.metrics[key("genre/cv_at_2")] == pytest.approx(utilities.std() / utilities.mean())
    assert found.metrics[key("genre/min25_at_2")] == 0
    assert {str(one) for one in found.metrics if one.grouping == "age"} == {"age/minimum_at_1", "age/minimum_at_2"}
    assert found.metrics[key("recall_at_2")] == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert list(map(str, found.undefined)) == ["average_popularity_at_1", "average_popularity_at_2"], (
        "there is no training part"
    )


def test_exposure_by_hand() -> None:
    training = part([(0, 4), (2, 0), (2, 1), (1, 0)], 3, 5, Training)
    found = evaluate(
        lambda users: torch.tensor([5.0, 4.0, 3.0, 2.0, 1.0]).expand(len(users), 5),
        part([(0, 2), (2, 3)], 3, 5),
        [training],
        [],
        EvaluationOptions(ks=(2,), headline_k=2),
    )
    # user 0 sees 0 and 1, user 2 sees 2 and 3: four of five items once each; popularity 2, 1, 0, 0
    assert found.ranking.items.tolist() == [[0, 1], [2, 3]]
    assert found.metrics[key("coverage_at_2")] == pytest.approx(4 / 5)
    assert found.metrics[key("exposure_gini_at_2")] == pytest.approx(1 / 5)
    assert found.metrics[key("average_popularity_at_2")] == pytest.approx(3 / 4)


def test_a_recommender_without_hits_has_no_cv_and_says_so() -> None:
    options = EvaluationOptions(ks=(1,), headline_k=1, metrics=("recall",))
    found = evaluate(score, part([(0, 1), (1, 4)], 3, 5), [], [Fairness(GENRES)], options)
    assert list(map(str, found.undefined)) == ["genre/cv_at_1", "genre/reo_at_1"]
    assert key("genre/cv_at_1") not in found.metrics
    assert found.metrics[key("genre/min25_at_1")] == 0


def test_unknown_disparities_are_refused_with_a_suggestion() -> None:
    with pytest.raises(BadInput, match="did you mean 'gini'"):
        evaluate(score, TARGET, [], [Fairness(GENRES, "recall", ("ginni",))], EvaluationOptions(ks=(2,), headline_k=2))


# --- relabelling -----------------------------------------------------------------------------------------------------

OPTIONS = EvaluationOptions(ks=(2, 5), headline_k=5)
ALL = ("cv", "gini", "max_min", "min25", "min_max_ratio", "minimum")
N_USERS, N_ITEMS = 25, 30


def _world(users: np.ndarray, items: np.ndarray, kind: type[Interactions] = Test) -> Evaluation:
    """A fixed world in which user u is called users[u] and item i items[i]."""
    rng = np.random.default_rng(3)
    scores = rng.standard_normal((N_USERS, N_ITEMS))
    pairs = [(int(p) // N_ITEMS, int(p) % N_ITEMS) for p in rng.choice(N_USERS * N_ITEMS, 300, replace=False)]
    genres = [[str(g) for g in rng.choice(6, rng.integers(1, 4), replace=False)] for _ in range(N_ITEMS)]
    ages = [[str(rng.integers(4))] for _ in range(N_USERS)]

    def named(some: list[tuple[int, int]], of: type[Interactions]) -> Interactions:
        return part([(int(users[u]), int(items[i])) for u, i in some], N_USERS, N_ITEMS, of)

    table = torch.from_numpy(scores[np.argsort(users)][:, np.argsort(items)]).float()
    return (evaluate if kind is Test else _validated)(
        lambda asked: table[asked],
        named(pairs[:150], kind),
        [named(pairs[150:], Training)],
        [
            Fairness(Membership.from_labels("genre", "item", [genres[i] for i in np.argsort(items)]), "recall", ALL),
            Fairness(Membership.from_labels("age", "user", [ages[u] for u in np.argsort(users)]), "ndcg", ALL),
        ],
        OPTIONS,
    )


def _validated(score: object, target: Validation, masked: list, definitions: list, options: object) -> Evaluation:
    return validate(score, target, masked, definitions[0], options)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("what", ["users", "items"])
def test_relabelling_changes_no_metric(what: str, seed: int) -> None:
    same = {"users": np.arange(N_USERS), "items": np.arange(N_ITEMS)}
    other = same | {what: np.random.default_rng(seed).permutation(same[what])}
    before, after = _world(**same), _world(**other)
    assert after.metrics == pytest.approx(before.metrics, abs=1e-12)
    assert [(r.group, r.k, r.interactions, r.members) for r in after.groups] == [
        (r.group, r.k, r.interactions, r.members) for r in before.groups
    ]


def test_the_light_path_gives_the_numbers_of_the_full_one() -> None:
    full, light = (
        _world(np.arange(N_USERS), np.arange(N_ITEMS)),
        _world(np.arange(N_USERS), np.arange(N_ITEMS), Validation),
    )
    assert set(map(str, light.metrics)) == {"ndcg_at_5", "recall_at_5", *(f"genre/{name}_at_5" for name in ALL)}
    assert light.metrics == {one: full.metrics[one] for one in light.metrics}


def test_selection_refuses_test_data() -> None:
    with pytest.raises(TypeError, match="validation data only, not Test"):
        _validated(score, TARGET, [], [Fairness(GENRES)], OPTIONS)


# --- names of groups in metric keys ----------------------------------------------------------------------------------


def test_group_names_become_keys() -> None:
    names = ["Children's", "Film-Noir", "Sci-Fi", "18-24"]
    assert group_keys(names) == dict(zip(names, ["Children_s", "Film-Noir", "Sci-Fi", "18-24"], strict=True))


def test_no_two_groups_share_a_key() -> None:
    first = group_keys(["a/b", "a_b"])["a/b"]
    names = [
        "a/b",
        "a'b",
        "a_b",
        "A_B",
        "a b",
        first,
        first.upper(),
        "été",
        "ete",
        "日本",
        "中国",
        "",
        ".",
        "..",
        "x" * 300,
        "x" * 301,
    ]
    keys = group_keys(names)
    assert len({key.casefold() for key in keys.values()}) == len(names)
    assert all(len(key) <= MAX_LENGTH and key.strip("._") for key in keys.values())
    assert all(
        set(key) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") for key in keys.values()
    )
    assert group_keys(reversed(names)) == keys


def test_a_name_that_looks_like_a_hashed_key_does_not_take_it() -> None:
    taken = group_keys(["a/b", "a_b"])["a/b"]
    assert len(set(group_keys(["a/b", "a_b", taken]).values())) == 3


# --- individuals -----------------------------------------------------------------------------------------------------


def test_each_item_on_its_own_gets_its_share_of_hits(judged: Judged) -> None:
    everyone = np.arange(5)
    alone = Membership.from_pairs("item_individual", "item", [f"i{k}" for k in everyone], everyone, everyone, 5)
    found = group_utilities(judged.at(3), alone)
    np.testing.assert_allclose(found.values, [1, 1 / 2, 1, 1, np.nan])  # item 4 is nobody's target
    assert found.interactions.tolist() == [1, 2, 1, 1, 0]


def test_each_user_on_their_own_gets_their_recall(judged: Judged) -> None:
    everyone = np.arange(3)
    alone = Membership.from_pairs("user_individual", "user", ["a", "b", "c"], everyone, everyone, 3)
    found = group_utilities(judged.at(3), alone)
    np.testing.assert_allclose(found.values, [2 / 3, 1, np.nan])
    assert found.interactions.tolist() == [3, 2, 0]

"""Re-rankers on problems small enough to follow by hand."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array

from harness.base.errors import BadInput
from harness.builtin.rerankers.cpfair import CPFair, CPFairConfig
from harness.builtin.rerankers.pmmf import PMMF, PMMFConfig
from harness.domain.interactions import Test, Training, Validation
from harness.domain.membership import Membership
from harness.domain.ranking import rank
from harness.evaluation.evaluate import Fairness, evaluate, validate
from harness.evaluation.reranking import Reranking
from harness.plugins import RerankConfig
from harness.plugins.registry import registry
from harness.runs.context import Context
from harness.runs.run import run
from harness.spec.build import build_spec
from harness.spec.options import EvaluationOptions
from harness.track import open_tracker

HALVES = Membership("halves", "item", ("left", "right"), csr_array(np.repeat(np.eye(2), 2, axis=0)))
"""Items 0 and 1 on the left, 2 and 3 on the right."""
PREFERS_LEFT = np.array([[4.0, 3.0, 2.0, 1.0]])
NAMES = registry.names("reranker")


def config_of(name: str, **options: object) -> RerankConfig:
    return registry.get("reranker", name).Config(name=name, **options)


def lists_of(config: RerankConfig, scores: np.ndarray, k: int, membership: Membership = HALVES) -> list[list[int]]:
    """The lists of as many users as ``scores`` has rows."""
    return Reranking(config, membership, k).begin()(torch.as_tensor(scores, dtype=torch.float32), k).tolist()


@st.composite
def problems(draw: st.DrawFn) -> tuple[np.ndarray, Membership, int]:
    n_users, n_items, n_groups = draw(st.integers(1, 9)), draw(st.integers(2, 12)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    scores = rng.integers(-3, 3, (n_users, n_items)) / draw(st.sampled_from([1, 7]))
    scores[rng.random(scores.shape) < 0.2] = -np.inf
    labels = [[f"g{k}" for k in range(n_groups) if rng.random() < 0.5] or ["g0"] for _ in range(n_items)]
    names = [f"g{k}" for k in range(n_groups)]
    return scores, Membership.from_labels("drawn", "item", labels, names), draw(st.integers(1, n_items))


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=50, deadline=None)
@given(problem=problems())
def test_without_weight_the_lists_are_those_of_the_scores(name: str, problem: tuple) -> None:
    scores, membership, k = problem
    table = torch.as_tensor(scores, dtype=torch.float32)
    users = np.arange(len(scores))
    target = Test(users, np.zeros_like(users), *scores.shape)
    plain = rank(lambda users: table[users], target, [], k)
    lists = Reranking(config_of(name, lam=0.0), membership, k).begin()
    np.testing.assert_array_equal(rank(lambda users: table[users], target, [], k, lists=lists).items, plain.items)


def test_cpfair_by_hand() -> None:
    """λ = 5, lists of one. Bonus of a group: 5 · (1 − its share of what was shown)."""
    expected = [
        [0],  # nothing shown: 4 + 5 against 2 + 5
        [2],  # left 1/1: 4 + 0 against 2 + 5
        [0],  # left 1/2: 4 + 2.5 against 2 + 2.5
        [0],  # left 2/3: 4 + 1.67 against 2 + 3.33
        [2],  # left 3/4: 4 + 1.25 against 2 + 3.75
        [0],  # left 3/5: 4 + 2 against 2 + 3
    ]
    scores = np.repeat(PREFERS_LEFT, 6, axis=0)
    assert lists_of(CPFairConfig(name="cpfair", lam=5.0), scores, 1) == expected


def test_cpfair_counts_exposure_by_shares() -> None:
    both = Membership.from_labels("both", "item", [["a"], ["a", "b"], ["b"]])
    reranker = CPFair(CPFairConfig(lam=2.0), torch.as_tensor(both.shares.toarray(), dtype=torch.float64))
    reranker.observe(torch.tensor([[1.5, 0.5], [1.0, 0.0]], dtype=torch.float64))
    assert reranker.B.tolist() == [2.5, 0.5]
    shares = [2.5 / 3, 0.5 / 3]
    assert reranker.bonus().tolist() == pytest.approx(
        [2 * (1 - shares[0]), 2 * (1 - sum(shares) / 2), 2 * (1 - shares[1])]
    )


def test_cpfair_with_infinite_weight_alternates_between_groups() -> None:
    scores = np.repeat(PREFERS_LEFT, 6, axis=0)
    assert lists_of(CPFairConfig(name="cpfair", lam=1e3), scores, 1) == [[0], [2]] * 3


def test_exposure_is_that_of_the_first_places() -> None:
    """Lists of three whose first place alone counts: the rest of a list changes nothing for later users."""
    begun = Reranking(CPFairConfig(name="cpfair", lam=1e3), HALVES, 1).begin()
    made = begun(torch.as_tensor(np.repeat(PREFERS_LEFT, 2, axis=0), dtype=torch.float32), 3)
    assert made.tolist() == [[0, 1, 2], [2, 3, 0]]
    assert begun.reranker.B.tolist() == [1.0, 1.0]


def test_users_without_items_left_give_no_exposure() -> None:
    begun = Reranking(CPFairConfig(name="cpfair"), HALVES, 2).begin()
    made = begun(torch.tensor([[-torch.inf, -torch.inf, 2.0, -torch.inf], [-torch.inf] * 4]), 2)
    assert made.tolist() == [[2, -1], [-1, -1]]
    assert begun.reranker.B.tolist() == [0.0, 1.0]


def test_pmmf_by_hand() -> None:
    """Rate and λ 10, no memory: each list's group loses, and the prices stay within Σ negative parts = 10."""
    config = PMMFConfig(name="pmmf", lam=10.0, rate=10.0, momentum=1.0)
    reranker = PMMF(config, torch.as_tensor(HALVES.shares.toarray(), dtype=torch.float64))
    steps = [([1.0, 0.0], [0.0, -10.0]), ([0.0, 1.0], [-5.0, -5.0]), ([1.0, 0.0], [0.0, -10.0])]
    for shown, mu in steps:
        reranker.observe(torch.tensor([shown], dtype=torch.float64))
        assert reranker.mu.tolist() == mu
        assert reranker.bonus().tolist() == [-mu[0], -mu[0], -mu[1], -mu[1]]
    scores = np.repeat(PREFERS_LEFT, 4, axis=0)
    assert lists_of(config, scores, 1) == [[0], [2], [0], [2]]


def test_pmmf_smooths_gradients() -> None:
    config = PMMFConfig(name="pmmf", lam=100.0, rate=1.0, momentum=0.2)
    reranker = PMMF(config, torch.as_tensor(HALVES.shares.toarray(), dtype=torch.float64))
    reranker.observe(torch.tensor([[2.0, 0.0], [1.0, 1.0]], dtype=torch.float64))  # mean exposure 3/4, 1/4
    first = [0.2 * 0.25, 0.2 * 0.75]
    assert reranker.g.tolist() == pytest.approx(first)
    reranker.observe(torch.tensor([[0.0, 2.0]], dtype=torch.float64))
    second = [0.2 * 1 + 0.8 * first[0], 0.8 * first[1]]
    assert reranker.g.tolist() == pytest.approx(second)
    assert reranker.mu.tolist() == pytest.approx([-first[0] - second[0], -first[1] - second[1]])


def test_pmmf_compares_exposure_with_the_catalogue_where_asked() -> None:
    labels = [["a"], ["a"], ["a"], ["b"]]
    C = torch.as_tensor(Membership.from_labels("ab", "item", labels, ["a", "b", "empty"]).shares.toarray())
    reranker = PMMF(PMMFConfig(target="catalogue"), C.double())
    assert reranker.gamma.tolist() == [3.0, 1.0, 1.0]
    reranker.observe(torch.tensor([[3.0, 1.0, 0.0]], dtype=torch.float64))
    assert reranker.mu[2] == 0, "a group without items takes no part"


def test_pmmf_evens_out_exposure() -> None:
    rng = np.random.default_rng(0)
    scores = rng.random((400, 4)) + PREFERS_LEFT

    def share_of_the_right(lam: float) -> float:
        lists = np.array(lists_of(PMMFConfig(name="pmmf", lam=lam, rate=0.1), scores, 1))
        return float((lists[100:] >= 2).mean())

    assert share_of_the_right(0.0) < 0.01
    assert share_of_the_right(4.0) == pytest.approx(0.5, abs=0.05)


@pytest.mark.parametrize("name", NAMES)
def test_validation_agrees_with_evaluation_whatever_the_longest_list(name: str) -> None:
    rng = np.random.default_rng(1)
    table = torch.as_tensor(rng.random((30, 12)), dtype=torch.float32)
    training = Training(np.arange(30), rng.integers(0, 6, 30), 30, 12)
    target = Validation(np.arange(30), rng.integers(6, 12, 30), 30, 12)
    labels = [["a"] if i < 8 else ["b"] for i in range(12)]
    fairness = Fairness(Membership.from_labels("ab", "item", labels))
    options = EvaluationOptions(ks=(2, 4, 7), headline_k=4)
    reranking = Reranking(config_of(name, lam=0.5), fairness.membership, 4)
    judged = validate(lambda u: table[u], target, [training], fairness, options, "cpu", reranking)
    full = evaluate(lambda u: table[u], target, [training], [fairness], options, "cpu", reranking)
    plain = validate(lambda u: table[u], target, [training], fairness, options)
    assert judged.metrics == {key: full.metrics[key] for key in judged.metrics}
    assert not np.array_equal(judged.ranking.items, plain.ranking.items)


def test_a_spec_takes_a_name_or_a_table() -> None:
    assert build_spec({"method": "ease"}).rerank == RerankConfig()
    assert build_spec({"method": "ease"}).digest == build_spec({"method": "ease", "rerank": "none"}).digest
    short, long = (build_spec({"method": "ease", "rerank": given}) for given in ("CPFair", {"name": "cpfair"}))
    assert short == long
    assert short.rerank == CPFairConfig(name="cpfair")
    assert short.digest != build_spec({"method": "ease"}).digest
    assert build_spec(short.model_dump(mode="json")) == short
    weighted = build_spec({"method": "ease", "rerank": {"name": "pmmf", "lam": 0.5}})
    assert weighted.flat()["rerank.lam"] == 0.5
    assert weighted.label == "ease + pmmf"


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("cpfiar", "unknown reranker 'cpfiar': did you mean 'cpfair'"),
        ({"name": "cpfair", "lambda": 1}, "unknown key 'rerank.lambda': did you mean 'lam'"),
        ({"name": "cpfair", "lam": -1}, "rerank.lam"),
        ({"lam": 1}, "unknown key 'rerank.lam'"),
    ],
)
def test_a_wrong_request_is_one_line(given: object, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        build_spec({"method": "ease", "rerank": given})


@pytest.mark.parametrize("name", NAMES)
def test_more_scores_than_can_be_looked_at_together_are_refused(name: str) -> None:
    reranking = Reranking(config_of(name), HALVES, 2)
    reranking.check(2**29)
    if reranking.begin().block is None:
        reranking.check(2**29 + 1)
    else:
        with pytest.raises(BadInput, match=f"rerank: {name} looks at all users' scores at once, and 536,870,913"):
            reranking.check(2**29 + 1)


def test_groups_of_users_are_refused() -> None:
    with pytest.raises(BadInput, match="cpfair needs groups of items, and 'gender' groups users"):
        build_spec({"method": "ease", "dataset": "movielens-1m", "group": "gender", "rerank": "cpfair"})


def test_a_run_is_reranked_at_validation_and_test(movielens_folder) -> None:
    def metrics(rerank: object) -> dict[str, float]:
        spec = build_spec({"method": "ease", "rerank": rerank, "compute": {"device": "cpu", "threads": 1}})
        found = run(spec, Context(tracker=open_tracker("none", None), data_folder=movielens_folder)).metrics
        return {key: value for key, value in found.items() if "seconds" not in key and "memory" not in key}

    plain = metrics("none")
    assert metrics({"name": "cpfair", "lam": 0}) == plain
    changed = metrics({"name": "cpfair", "lam": 0.5})
    for part in ("validation", "test"):
        assert changed[f"{part}/ndcg_at_20"] != plain[f"{part}/ndcg_at_20"]

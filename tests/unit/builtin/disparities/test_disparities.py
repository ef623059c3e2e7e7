"""Disparities: the claims of the built-in ones, and numbers by hand."""

from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from scipy.sparse import csr_array
from scipy.special import rel_entr
from scipy.stats import entropy, pmean, variation

import harness
from harness.base.errors import BadInput
from harness.domain.interactions import Test
from harness.domain.membership import Membership
from harness.domain.metric_key import as_stored
from harness.evaluation.evaluate import Fairness, evaluate
from harness.plugins import Disparity
from harness.plugins.registry import Registry, registry
from harness.spec.options import EvaluationOptions
from harness.stats.inequality import atkinson, worst
from harness.testing.scaffold import write_plugin

BUILT_IN = ["atkinson", "cv", "entropy", "gini", "mad", "max_min", "min25", "min_max_ratio", "minimum", "mmf"]
SCALE_INVARIANT = ["atkinson", "cv", "entropy", "gini", "min_max_ratio", "mmf"]
REPLICATION_INVARIANT = ["atkinson", "cv", "gini", "max_min", "min_max_ratio", "minimum"]
NEUTRAL = {"atkinson": 0.0, "cv": 0.0, "entropy": 1.0, "gini": 0.0, "mad": 0.0, "max_min": 0.0, "min_max_ratio": 1.0}
UTILITIES = hnp.arrays(np.float64, st.integers(1, 12), elements=st.floats(0.001, 1.0))
BY_HAND = np.array([0.4, 0.1, 0.2, 0.3, 0.5])


def disparity(name: str) -> type[Disparity]:
    found: type[Disparity] = registry.get("disparity", name)
    return found


def test_the_built_in_ones_are_found() -> None:
    assert set(BUILT_IN) <= set(registry.names("disparity"))


@pytest.mark.parametrize("name", BUILT_IN)
@pytest.mark.parametrize("n", [1, 2, 7])
def test_equal_utilities_give_the_neutral_value(name: str, n: int) -> None:
    """Absolute measures give the common utility, MMF the worse half's share of the groups."""
    neutral = NEUTRAL | {"min25": 0.3, "minimum": 0.3, "mmf": -(-n // 2) / n}
    assert disparity(name).of(np.full(n, 0.3)) == pytest.approx(neutral[name], abs=1e-12)


@pytest.mark.parametrize("name", BUILT_IN)
def test_no_group_at_all_has_no_value(name: str) -> None:
    with np.errstate(all="raise"):
        assert np.isnan(disparity(name).of(np.array([])))


@pytest.mark.parametrize("name", REPLICATION_INVARIANT)
@settings(max_examples=30, deadline=None)
@given(utilities=UTILITIES, times=st.integers(2, 4))
def test_replicating_the_groups_changes_nothing(name: str, utilities: np.ndarray, times: int) -> None:
    """Dalton's population principle."""
    assert disparity(name).of(np.tile(utilities, times)) == pytest.approx(disparity(name).of(utilities), abs=1e-9)


@pytest.mark.parametrize("name", ["atkinson", "cv", "entropy", "gini", "mad"])
@settings(max_examples=30, deadline=None)
@given(utilities=UTILITIES, data=st.data())
def test_a_transfer_from_better_to_worse_is_seen(name: str, utilities: np.ndarray, data: st.DataObject) -> None:
    """The strict principle of transfers: these measures look at all groups, not at the worst alone."""
    low, high = np.argmin(utilities), np.argmax(utilities)
    gap = utilities[high] - utilities[low]
    assume(gap > 0.01)
    fairer = utilities.copy()
    amount = data.draw(st.floats(0.1, 0.5)) * gap
    fairer[low] += amount
    fairer[high] -= amount
    plugin = disparity(name)
    gain = plugin.of(fairer) - plugin.of(utilities)
    assert (gain if plugin.better == "higher" else -gain) > 0


@pytest.mark.parametrize("name", BUILT_IN)
@settings(max_examples=30, deadline=None)
@given(utilities=UTILITIES, factor=st.floats(0.01, 10))
def test_scale(name: str, utilities: np.ndarray, factor: float) -> None:
    expected = disparity(name).of(utilities) * (1 if name in SCALE_INVARIANT else factor)
    assert disparity(name).of(factor * utilities) == pytest.approx(expected, rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("name", BUILT_IN)
def test_nothing_for_anybody_is_not_fair(name: str) -> None:
    """Relative measures have no value then (an evaluation names them); absolute ones are 0."""
    value = disparity(name).of(np.zeros(4))
    assert np.isnan(value) if name in SCALE_INVARIANT else value == 0


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("cv", np.sqrt(0.02) / 0.3),
        ("gini", 4 / 15),  # Σ_g Σ_h |u_g − u_h| = 4, 2 n² ū = 15
        ("mad", 0.2),  # 4 over 5 · 4 ordered pairs
        ("max_min", 0.4),
        ("min25", 0.15),  # ⌈0.25 · 5⌉ = 2 groups
        ("min_max_ratio", 0.2),
        ("minimum", 0.1),
        ("mmf", 0.6 / 1.5),  # ⌈0.5 · 5⌉ = 3 groups
        ("entropy", -sum(p * np.log(p) for p in BY_HAND / 1.5) / np.log(5)),
        ("atkinson", 1 - (sum(u**0.5 for u in BY_HAND) / 5) ** 2 / 0.3),
    ],
)
def test_by_hand(name: str, expected: float) -> None:
    assert disparity(name).of(BY_HAND) == pytest.approx(expected)


@pytest.mark.parametrize(("n", "worst"), [(1, 1), (4, 1), (5, 2), (8, 2), (9, 3), (18, 5)])
def test_min25_rounds_up(n: int, worst: int) -> None:
    utilities = np.arange(n, dtype=float)
    assert disparity("min25").of(utilities[::-1]) == pytest.approx(utilities[:worst].mean())


@settings(max_examples=50, deadline=None)
@given(UTILITIES)
def test_cv_is_scipys_variation(utilities: np.ndarray) -> None:
    assert disparity("cv").of(utilities) == pytest.approx(float(variation(utilities)), abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(UTILITIES)
def test_gini_is_the_mean_difference(utilities: np.ndarray) -> None:
    pairs = np.abs(utilities[:, None] - utilities).sum()
    expected = pairs / (2 * len(utilities) ** 2 * utilities.mean())
    assert disparity("gini").of(utilities) == pytest.approx(expected, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(UTILITIES.filter(lambda utilities: len(utilities) > 1))
def test_mad_is_the_mean_over_pairs(utilities: np.ndarray) -> None:
    gaps = [abs(one - other) for place, one in enumerate(utilities) for other in utilities[:place]]
    assert disparity("mad").of(utilities) == pytest.approx(sum(gaps) / len(gaps), abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(UTILITIES.filter(lambda utilities: len(utilities) > 1))
def test_entropy_is_scipys_in_the_base_of_the_number_of_groups(utilities: np.ndarray) -> None:
    assert disparity("entropy").of(utilities) == pytest.approx(entropy(utilities, base=len(utilities)), abs=1e-12)


@settings(max_examples=50, deadline=None)
@given(UTILITIES.filter(lambda utilities: len(utilities) > 1))
def test_entropy_falls_short_of_one_by_the_divergence_from_equality(utilities: np.ndarray) -> None:
    p = utilities / utilities.sum()
    divergence = rel_entr(p, np.full(len(p), 1 / len(p))).sum()
    assert disparity("entropy").of(utilities) == pytest.approx(1 - divergence / np.log(len(p)), abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(UTILITIES)
def test_atkinson_compares_the_power_mean_with_the_mean(utilities: np.ndarray) -> None:
    expected = 1 - pmean(utilities, 0.5) / pmean(utilities, 1)
    assert disparity("atkinson").of(utilities) == pytest.approx(expected, abs=1e-9)


@pytest.mark.parametrize("served", range(1, 6))
def test_some_get_the_same_and_the_others_nothing(served: int) -> None:
    """m of n groups share all utility equally: closed forms."""
    n = 5
    utilities = np.array([0.0] * (n - served) + [0.4] * served)
    assert disparity("gini").of(utilities) == pytest.approx(1 - served / n)
    assert disparity("atkinson").of(utilities) == pytest.approx(1 - served / n)
    assert disparity("entropy").of(utilities) == pytest.approx(np.log(served) / np.log(n))
    assert disparity("cv").of(utilities) == pytest.approx(np.sqrt(n / served - 1))
    assert disparity("mmf").of(utilities) == pytest.approx(max(0, served - 2) / served)


@settings(max_examples=50, deadline=None)
@given(UTILITIES)
def test_mmf_is_the_lorenz_curve_in_the_middle(utilities: np.ndarray) -> None:
    """Of an even number of groups (here each is there twice)."""
    twice = np.repeat(utilities, 2)
    lorenz = np.concatenate([[0], np.cumsum(np.sort(twice))]) / twice.sum()
    middle = np.interp(0.5, np.linspace(0, 1, len(lorenz)), lorenz)
    assert disparity("mmf").of(twice) == pytest.approx(middle, abs=1e-9)


@settings(max_examples=50, deadline=None)
@given(UTILITIES, st.decimals("0.01", "1", places=3))
def test_the_worst_are_the_smallest_and_as_many_as_asked_for(utilities: np.ndarray, q: Decimal) -> None:
    found = worst(utilities, float(q))
    assert q * len(utilities) <= len(found) < q * len(utilities) + 1
    assert sorted(utilities)[: len(found)] == found.tolist()


@pytest.mark.parametrize(("q", "n", "expected"), [(0.07, 100, 7), (0.14, 50, 7), (0.28, 25, 7), (0.55, 100, 55)])
def test_no_rounding_of_floats_adds_a_group_to_the_worst(q: float, n: int, expected: int) -> None:
    assert len(worst(np.arange(n, dtype=float), q)) == expected


@settings(max_examples=50, deadline=None)
@given(UTILITIES, st.integers(1, 100))
def test_min_of_any_whole_percentage_is_a_disparity(utilities: np.ndarray, percent: int) -> None:
    """MIN@q lies between the minimum and the mean, which are its ends, and its share of groups is told by its name."""
    plugin = disparity(f"min{percent}")
    assert plugin.name == f"min{percent}"
    assert plugin.of(utilities) == pytest.approx(worst(utilities, percent / 100).mean(), rel=1e-12)
    assert utilities.min() - 1e-12 <= plugin.of(utilities) <= disparity("min100").of(utilities) + 1e-12
    assert disparity("min100").of(utilities) == pytest.approx(utilities.mean())


@pytest.mark.parametrize("spelling", ["min10", "MIN10", "min-10", "min_10"])
def test_case_and_separators_do_not_matter_in_min10(spelling: str) -> None:
    assert registry.check("disparity", spelling) == "min10"


def test_a_plug_in_cannot_redefine_a_share(tmp_path: Path) -> None:
    template = (Path(harness.__file__).parent / "testing" / "templates" / "disparity.py").read_text()
    for name in ("min10", "min25"):
        file = tmp_path / f"{name}.py"
        file.write_text(template.replace('"example"', f'"{name}"'))
        with pytest.raises(BadInput, match=f"two disparities are called '{name}'"):
            Registry().add_file(file)
        with pytest.raises(BadInput, match=f"there is a disparity called '{name}' already"):
            write_plugin("disparity", name, tmp_path / "new")


@pytest.mark.parametrize("name", ["min0", "min101", "min", "min07", "min2.5", "min-", "min1000"])
def test_what_is_no_percentage_is_no_disparity(name: str) -> None:
    with pytest.raises(BadInput, match=f"unknown disparity '{name}'"):
        disparity(name)


def test_a_definition_may_be_summarised_by_another_share() -> None:
    """Of five groups the worst tenth and fifth are one, the worst half are three."""
    matrix = csr_array(np.eye(5, dtype=np.float32))
    names = tuple(f"group {k}" for k in range(5))
    definition = Fairness(Membership("own", "item", names, matrix), disparities=("min10", "min20", "min50"))
    everybody = np.repeat(np.arange(10), 5), np.tile(np.arange(5), 10)
    target = Test(*everybody, 10, 5)
    scores = torch.arange(5, 0, -1, dtype=torch.float32).expand(10, -1)
    options = EvaluationOptions(ks=(3,), headline_k=3, metrics=("recall",))
    found = as_stored(evaluate(lambda users: scores[users], target, [], [definition], options).metrics)
    assert found["own/min10_at_3"] == found["own/min20_at_3"] == 0
    assert found["own/min50_at_3"] == pytest.approx(1 / 3), "two of the worst three groups are never listed"


@pytest.mark.parametrize("epsilon", [0.25, 0.5, 0.75])
def test_atkinson_grows_with_the_aversion_to_inequality(epsilon: float) -> None:
    assert atkinson(BY_HAND, epsilon) < atkinson(BY_HAND, epsilon + 0.1)


@pytest.mark.parametrize("name", BUILT_IN)
def test_a_hundred_thousand_groups(name: str) -> None:
    """Individual fairness: as many groups as items, most of which get nothing."""
    utilities = np.maximum(np.random.default_rng(0).normal(size=100_000), 0)
    assert np.isfinite(disparity(name).of(utilities))

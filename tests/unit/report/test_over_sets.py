"""What holds over several data sets, from records made by hand."""

from collections.abc import Mapping
from dataclasses import replace
from math import nan
from typing import Any

import numpy as np
import pytest

from harness.report.document import Section, Table, Text
from harness.report.over_sets.arms_table import arms_over_sets
from harness.report.over_sets.claims_matrix import over_sets, verdict_of
from harness.report.over_sets.one_set import OneSet, several_sets
from harness.report.over_sets.over_sets_section import over_sets_section
from harness.report.over_sets.pooled_change import in_words, pooled_change
from harness.stats.random_effects import random_effects
from harness.stats.ratio import RelativeChange, relative_change
from harness.study.records import Record, Records
from harness.study.study_spec import Claim, GridSpec, Variant

RULE = "fair_within:0.02"
BASELINE_CV = (0.50, 0.52, 0.49, 0.51, 0.50)
STUDY = GridSpec(
    summary="s",
    question="q",
    methods=("alpharec", "bifair", "cheap"),
    budgets={},
    baseline="alpharec",
    claims=(
        Claim(
            text="bifair is fairer",
            metric="{group}/cv",
            variant="bifair",
            against="alpharec",
            selection=RULE,
            comparable=0.05,
        ),
        Claim(text="of books alone", untestable="not here"),
    ),
)


def run(dataset: str, variant: str, seed: int, cv: float, seconds: float, group: str = "genre") -> Record:
    spec = {"group": group, "dataset": dataset, "encoder": {"name": "random"}, "evaluation": {"headline_k": 20}}
    metrics = {
        "test/ndcg_at_20": 0.3 + 0.001 * seed,
        f"test/{group}/cv_at_20": cv,
        f"test/{group}/min25_at_20": 0.1 + 0.001 * seed,
        "training_seconds": seconds,
    }
    rule = "best_ndcg" if variant == "alpharec" else RULE
    return Record("compare", variant, variant, rule, seed, run=f"{variant}{seed}", metrics=metrics, spec=spec)


def on(dataset: str, changes: Mapping[str, float], seconds: Mapping[str, float], group: str = "genre") -> Records:
    """Five seeds of the baseline and of arms whose CV differs from it by a share that varies a little by seed."""
    noise = (0.004, -0.006, 0.002, 0.0, 0.001)
    runs = [run(dataset, "alpharec", seed, cv, 10.0, group) for seed, cv in enumerate(BASELINE_CV)]
    for variant, change in changes.items():
        values = [cv * (1 + change) + noise[seed] for seed, cv in enumerate(BASELINE_CV)]
        runs += [run(dataset, variant, seed, cv, seconds[variant], group) for seed, cv in enumerate(values)]
    return Records("grid", "default", {}, tuple(runs))


SECONDS = {"bifair": 40.0, "cheap": 20.0}


def sets(*changes: float) -> list[OneSet]:
    """A set for each change of bifair's CV; cheap lowers it by 0.3 everywhere."""
    parts = [(STUDY, on(f"d{i}", {"bifair": change, "cheap": -0.3}, SECONDS)) for i, change in enumerate(changes)]
    (own,) = several_sets(parts)
    return own


def test_a_claim_holds_on_more_than_half_of_the_sets() -> None:
    for changes, holds, said in (
        ((-0.2, -0.25, 0.2), True, "holds: 2 of 3"),
        ((-0.2, 0.2), False, "does not hold: 1 of 2"),
        ((0.1, 0.2), False, "does not hold: 0 of 2"),
    ):
        found, untestable = over_sets(sets(*changes))
        assert (found.holds, verdict_of(found)) == (holds, said)
        assert verdict_of(untestable) == "not testable here"


def test_the_share_is_the_one_that_the_study_declares() -> None:
    strict = STUDY.model_copy(update={"held_on": 0.9})
    parts = [(strict, one.records) for one in sets(-0.2, -0.25, 0.2)]
    (own,) = several_sets(parts)
    assert verdict_of(over_sets(own)[0]) == "does not hold: 2 of 3"


def test_the_mean_over_sets_is_that_of_the_changes_and_their_variances() -> None:
    own = sets(-0.2, -0.1, -0.3)
    changes = []
    for one in own:
        values = [[r.metrics["test/genre/cv_at_20"] for r in one.records.runs if r.variant == name] for name in
                  ("alpharec", "bifair")]  # fmt: skip
        changes.append(relative_change(values[0], values[1]))
    ratios = np.array([1 + change.change for change in changes])
    expected = random_effects(np.log(ratios), [change.variance for change in changes] / ratios**2)
    pooled = over_sets(own)[0].pooled
    assert pooled is not None
    ends = (pooled.mean, pooled.low, pooled.high)
    assert ends == pytest.approx([np.exp(end) - 1 for end in (expected.mean, expected.low, expected.high)])
    assert (pooled.tau, pooled.n) == (expected.tau, 3)
    assert -0.3 < pooled.mean < -0.1


def test_doubled_and_halved_is_no_change_and_nothing_falls_by_more_than_all() -> None:
    def change(value: float) -> RelativeChange:
        return RelativeChange(value, nan, nan, 0.01, 5, variance=0.01 * (1 + value) ** 2)

    both = pooled_change([change(1.0), change(-0.5)])
    assert both is not None
    assert both.mean == pytest.approx(0, abs=1e-12)
    assert -1 < both.low < both.mean < both.high
    assert (1 + both.low) * (1 + both.high) == pytest.approx(1)
    assert in_words(both, 2) == "0.0 % (−100.0 … above +1000.0)", "two sets that far apart say nothing"


def test_a_value_that_fell_to_nothing_has_no_logarithm_and_is_not_counted() -> None:
    known = RelativeChange(-0.2, -0.3, -0.1, 0.01, 5, variance=0.001)
    gone = RelativeChange(-1.0, -1.0, -1.0, 0.01, 5, variance=0.001)
    assert pooled_change([gone]) is None
    found = pooled_change([known, gone, None])
    assert found is not None
    assert in_words(found, 2) == "−20.0 % on 1 of 2 sets"


def test_what_is_fairer_at_too_high_a_price_is_said_apart() -> None:
    parts = []
    for one in sets(-0.2, -0.25):
        dearer = [
            replace(run, metrics=dict(run.metrics) | {"test/ndcg_at_20": run.metrics["test/ndcg_at_20"] * factor})
            for run in one.records.runs
            for factor in (0.9 + 0.001 * run.seed if run.variant == "bifair" else 1.0,)
        ]
        parts.append((STUDY, replace(one.records, runs=tuple(dearer))))
    (own,) = several_sets(parts)
    found = over_sets(own)[0]
    assert (found.reproduced, found.significant, found.tested) == (0, 2, 2)
    said = text(over_sets_section(own))[0]
    assert "does not hold: 0 of 2; significant on 2, 0 of these with at most 5 % of NDCG shown to be lost" in said
    assert "of NDCG −9." in said


def test_the_variance_of_a_change_is_what_many_draws_show() -> None:
    rng = np.random.default_rng(0)
    draws = rng.multivariate_normal([0.5, 0.4], [[1e-4, 5e-5], [5e-5, 2e-4]], (4000, 5))
    found = [relative_change(draw[:, 0], draw[:, 1]) for draw in draws]
    spread = np.var([change.change for change in found])
    assert np.mean([change.variance for change in found]) == pytest.approx(spread, rel=0.1)


def test_a_second_grouping_of_the_same_data_is_shown_and_not_counted() -> None:
    parts = [(STUDY, one.records) for one in sets(-0.2, -0.25)]
    parts.insert(1, (STUDY, on("d0", {"bifair": 0.2, "cheap": -0.3}, SECONDS, group="popularity")))
    (own,) = several_sets(parts)
    assert [(one.name, one.pooled) for one in own] == [
        ("d0, genre", True), ("d0, popularity", False), ("d1, genre", True),
    ]  # fmt: skip
    assert verdict_of(over_sets(own)[0]) == "holds: 2 of 2"
    matrix = tables(over_sets_section(own))["verdicts"]
    assert matrix.headings == ("claim", "d0, genre", "d0, popularity", "d1, genre", "mean over sets",
                               "verdict over sets")  # fmt: skip
    assert matrix.lines[0][2].startswith("no: +20.0 %")
    assert "not counted, being of data that are counted already: d0, popularity" in matrix.note


def test_one_data_set_is_not_several() -> None:
    first = sets(-0.2, -0.25)[0]
    again = on("d0", {"bifair": 0.2}, SECONDS, group="popularity")
    assert several_sets([(STUDY, first.records)]) == []
    assert several_sets([(STUDY, first.records), (STUDY, again)]) == []


def test_arms_are_compared_with_the_baseline_over_sets() -> None:
    own = {arm.variant: arm for arm in arms_over_sets(sets(-0.2, -0.25, 0.2))}
    assert list(own) == ["bifair", "cheap"]
    assert (own["bifair"].fairer, own["bifair"].sets) == (2, 3)
    assert (own["cheap"].fairer, own["cheap"].sets) == (3, 3)
    assert own["bifair"].times == pytest.approx(4)
    ndcg = own["bifair"].changes["ndcg"]
    assert ndcg is None, "the same values on every seed have no variance to be weighed by"


def test_an_arm_whose_trials_never_met_the_rule_is_named_with_what_stands_in() -> None:
    own_rule = {"alpharec": Variant(method="alpharec", selections=("best_ndcg",))}
    study = STUDY.model_copy(update={"selections": ("best_ndcg", RULE), "variants": own_rule})
    first, second = sets(-0.2, -0.25)
    runs = [replace(run, rule="best_ndcg") if run.variant == "bifair" else run for run in second.records.runs]
    (own,) = several_sets([(study, first.records), (study, replace(second.records, runs=tuple(runs)))])
    note = tables(over_sets_section(own))["over_sets"].note
    assert note.endswith(f"d1, genre: no trial of bifair met {RULE}: its runs under best_ndcg.")
    assert "alpharec" not in note.split("d1")[1], "the baseline has one rule by choice"


def test_the_paragraph_says_what_does_as_much_for_less() -> None:
    summary = text(over_sets_section(sets(-0.2, -0.25, -0.22)))
    assert "bifair is fairer: holds: 3 of 3; significant on 3" in summary[0]
    assert "; mean −22." in summary[0]
    assert "for 4.0 times the training time" in summary[-2]
    assert "for less time under: cheap (CV −30." in summary[-1]
    assert "no other arm" in text(over_sets_section(sets(-0.5, -0.5)))[-1]


def tables(section: Section) -> dict[str, Table]:
    return {block.name: block for block in section.blocks if isinstance(block, Table)}


def text(section: Section) -> Any:
    return next(block.items for block in section.blocks if isinstance(block, Text))

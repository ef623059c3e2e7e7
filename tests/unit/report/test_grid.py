"""The report of a comparison: means, intervals, tests and words, against scipy, statsmodels and what was put in."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from math import isnan, nan
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from scipy.stats import t, ttest_1samp, ttest_rel
from statsmodels.stats.multitest import multipletests

from harness.base.errors import BadInput
from harness.report.document import Section, Table, Text
from harness.report.grid.columns import columns
from harness.report.grid.differences import differences, reference_arm
from harness.report.grid.grid_document import grid_document
from harness.report.grid.matched_accuracy import matched_section
from harness.report.grid.metric_tables import results_section
from harness.report.grid.overview import overview_section
from harness.report.grid.paired_section import paired_section
from harness.report.grid.point_arms import gaps, point_arms, seed_list
from harness.report.grid.published import published_section
from harness.report.grid.run_provenance import environment
from harness.report.numbers import counted, number, percent, probability, signed
from harness.runs.diagnosis import signatures
from harness.spec.selection import NONE_QUALIFIES
from harness.spec.spec_view import SpecView
from harness.study.records import Record, Records
from harness.study.study_spec import GridSpec

NDCG, RECALL, CV, MIN = (f"test/{name}_at_20" for name in ("ndcg", "recall", "genre/cv", "genre/min25"))
SEEDS = range(5)
SPEC = {
    "group": "genre", "dataset": "movielens-100k", "encoder": {"name": "all-MiniLM-L6-v2"},
    "evaluation": {"headline_k": 20, "reference": "alpharec", "ks": [10, 20]},
}  # fmt: skip


def study(**options: Any) -> GridSpec:
    given = {"summary": "s", "methods": ["alpharec", "bifair", "joint"], "baseline": "alpharec",
             "budgets": {"default": {"seeds": list(SEEDS)}}}  # fmt: skip
    return GridSpec.model_validate(given | options)


def run(variant: str, seed: int, ndcg: float = 0.3, cv: float = 0.4, **options: Any) -> Record:
    metrics = {NDCG: ndcg, RECALL: ndcg / 2, CV: cv, MIN: 0.1 + seed / 100}
    tags = {"hash.data": "d", "hash.split": f"s{seed}", "code": "c", "version.torch": "2.13"}
    made = Record("compare", variant, variant, "best_ndcg", seed, run=f"{variant}{seed}", metrics=metrics, tags=tags,
                  spec=SPEC | {"seed": seed})  # fmt: skip
    return replace(made, **options)


def noise(variant: str) -> np.ndarray:
    return np.random.default_rng(list(variant.encode())).normal(size=(2, len(SEEDS)))


def runs(variant: str, shift: float = 0.0, **options: Any) -> list[Record]:
    """Five seeds whose CV lies ``shift`` below 0.4, give or take."""
    return [
        run(variant, seed, 0.3 + 0.01 * ndcg, 0.4 - shift + 0.01 * cv, **options)
        for seed, (ndcg, cv) in zip(SEEDS, noise(variant).T, strict=True)
    ]


def measured(*given: Sequence[Record]) -> Records:
    return Records("main", "default", {}, tuple(record for some in given for record in some))


THREE = measured(runs("alpharec"), runs("bifair", 0.2), runs("joint", -0.2))


def tables(section: Section | None) -> list[Table]:
    assert section is not None
    return [block for block in section.blocks if isinstance(block, Table)]


def words(section: Section | None) -> str:
    assert section is not None
    return " ".join(
        " ".join([block.text, *block.items]) if isinstance(block, Text) else f"{block.lines} {block.note}"
        for block in section.blocks
        if isinstance(block, Text | Table)
    )


def found(table: Table, **wanted: Any) -> Mapping[str, Any]:
    (row,) = [row for row in table.data if all(row[key] == value for key, value in wanted.items())]
    return row


def values(variant: str, key: str, records: Records = THREE) -> np.ndarray:
    return np.array([record.metrics[key] for record in records.runs if record.variant == variant])


def test_means_and_intervals_are_those_of_student() -> None:
    (table,) = tables(results_section(study(), THREE))
    for variant in ("alpharec", "bifair", "joint"):
        for key in (NDCG, RECALL, CV, MIN):
            own = values(variant, key)
            row = found(table, variant=variant, metric=key)
            assert (row["mean"], row["n"]) == (pytest.approx(own.mean()), 5)
            low, high = t.interval(0.95, 4, own.mean(), own.std(ddof=1) / np.sqrt(5))
            assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))
    own = values("bifair", CV)
    half = t.ppf(0.975, 4) * own.std(ddof=1) / np.sqrt(5)
    assert table.lines[1][4] == f"{own.mean():.3f} ± {half:.3f}"
    assert table.headings == ("variant", "n", "NDCG@20 ↑", "Recall@20 ↑", "CV@20 ↓", "MIN@20 ↑")


def test_differences_are_those_of_scipy_and_their_correction_that_of_statsmodels() -> None:
    (table,) = tables(paired_section(study(), THREE))
    assert len(table.data) == 2 * 4
    for row in table.data:
        own, base = values(row["variant"], row["metric"]), values("alpharec", row["metric"])
        if np.ptp(own - base) == 0:
            assert (row["difference"], row["p"], row["d_z"]) == (0, 1, 0)
            continue
        test = ttest_rel(own, base)
        assert row["p"] == pytest.approx(test.pvalue)
        interval = ttest_1samp(own - base, 0).confidence_interval(0.95)
        assert (row["low"], row["high"]) == (pytest.approx(interval.low), pytest.approx(interval.high))
        assert row["d_z"] == pytest.approx((own - base).mean() / (own - base).std(ddof=1))
        assert row["relative_percent"] == pytest.approx(100 * (own.mean() / base.mean() - 1))
    holm = multipletests([row["p"] for row in table.data], method="holm")[1]
    assert [row["p_holm"] for row in table.data] == pytest.approx(list(holm))
    discovered = multipletests([row["p"] for row in table.data], method="fdr_bh")[1]
    assert [row["p_benjamini_hochberg"] for row in table.data] == pytest.approx(list(discovered))


def test_bold_is_what_is_significantly_better_and_nothing_else() -> None:
    (table,) = tables(results_section(study(), THREE))
    assert table.strong == {(1, 4)}, "CV of bifair; joint's is significantly worse"
    (paired,) = tables(paired_section(study(), THREE))
    assert [paired.lines[line][:2] for line, _ in paired.strong] == [("bifair", "CV@20")]
    worse = found(paired, variant="joint", metric=CV)
    assert worse["p_holm"] < 0.05
    assert not worse["better"]
    (alone,) = tables(results_section(study(baseline=""), THREE))
    assert not alone.strong


def test_bold_needs_the_correction() -> None:
    """A p-value of 0.03 alone is significant, and among eight is not."""
    base = np.array([0.40, 0.42, 0.38, 0.41, 0.39])
    step = np.array([0.03, 0.01, 0.04, 0.06, 0.005])
    assert 0.01 < ttest_1samp(step, 0).pvalue < 0.05
    records = measured(
        [run("alpharec", s, cv=base[s]) for s in SEEDS], [run("bifair", s, cv=base[s] - step[s]) for s in SEEDS]
    )
    (alone,) = tables(results_section(study(metrics={CV: "CV"}), records))
    assert alone.strong == {(1, 2)}
    (family,) = tables(results_section(study(), records))
    assert not family.strong


def test_one_seed_has_no_interval_and_no_test_and_says_so() -> None:
    records = measured([run("alpharec", 0)], [run("bifair", 0, cv=0.1)])
    section = results_section(study(), records)
    assert "one seed: there are no intervals" in words(section)
    (table,) = tables(section)
    assert table.lines[1] == ("bifair", "1", "0.300", "0.150", "0.100", "0.100")
    assert not table.strong
    (paired,) = tables(paired_section(study(), records))
    assert paired.lines[2] == ("bifair", "CV@20", "−0.300", "−75.0 %", "–", "–", "–", "–", "1")


def test_what_is_missing_is_said_in_words() -> None:
    lost = [run("bifair", 3, failure="diverged", metrics={}, spec={}), run("bifair", 4, metrics={NDCG: 0.3, CV: nan})]
    records = measured(runs("alpharec"), runs("bifair", 0.2)[1:3], lost)
    (here,) = point_arms(study(), records)
    assert gaps(here) == [
        "Failed with seed 3: bifair.",
        "Not run with seed 0: bifair.",
        "Recall@20 is undefined with seed 4: bifair.",
        "CV@20 is undefined with seed 4: bifair.",
        "MIN@20 is undefined with seed 4: bifair.",
    ]
    (table,) = tables(results_section(study(), records))
    assert all(gap in table.note for gap in gaps(here))
    assert table.lines[1][1] == "3 of 5"
    assert table.lines[1][4].endswith("(n = 2)")
    (paired,) = tables(paired_section(study(), records))
    assert "Paired on seeds 1, 2 alone: bifair (Recall@20, CV@20, MIN@20)." in paired.note
    assert "Paired on seeds 1, 2, 4 alone: bifair (NDCG@20)." in paired.note
    assert found(paired, variant="bifair", metric=CV)["pairs"] == 2


def test_without_a_shared_seed_nothing_is_tested_but_counted() -> None:
    records = measured(runs("alpharec")[:2], runs("bifair")[2:], runs("joint")[:2])
    (paired,) = tables(paired_section(study(), records))
    row = found(paired, variant="bifair", metric=CV)
    assert row["pairs"] == 0
    assert isnan(row["p"])
    assert "Without a shared seed: bifair." in paired.note
    assert "all 8 comparisons" in paired.note
    p = found(paired, variant="joint", metric=NDCG)["p"]
    assert found(paired, variant="joint", metric=NDCG)["p_holm"] >= min(1, p)


def test_without_its_baseline_a_study_tests_nothing_and_says_so() -> None:
    records = measured(runs("bifair"), runs("joint"))
    assert paired_section(study(), records) is None
    assert "alpharec was not measured here" in words(results_section(study(), records))


def test_points_have_tables_of_their_own_and_a_baseline_without_the_knob_serves_all() -> None:
    first, second = ({"config.lam": value} for value in (0.1, 0.2))
    records = measured(runs("alpharec", point=first), runs("bifair", point=first), runs("bifair", 0.2, point=second))
    found = point_arms(study(), records)
    assert [here.point.values for here in found] == [first, second]
    assert [here.point.name for here in found] == ["lam 0.1", "lam 0.2"]
    made = tables(results_section(study(), records))
    assert [table.name for table in made] == ["results_lam_0.1", "results_lam_0.2"]
    assert made[1].strong == {(0, 4)}
    other = [replace(record, point={"data.core": 3}) for record in runs("bifair")]
    apart = point_arms(study(), measured(runs("alpharec", point={"data.core": 2}), other))
    assert reference_arm(apart, apart[1], "alpharec") is None, "other data are another task"
    assert differences(apart[1], None) == []


def test_points_are_named_as_the_study_writes_them() -> None:
    points = [{"z.users": n, "a.items": n} for n in (10, 20)]
    records = measured(*([run("bifair", 0, point=point)] for point in points))
    assert [here.point.name for here in point_arms(study(), records)] == ["users 10 items 10", "users 20 items 20"]


def test_two_runs_of_one_seed_are_refused() -> None:
    with pytest.raises(BadInput, match="bifair under best_ndcg has two runs of seed 1"):
        point_arms(study(), measured(runs("bifair"), [run("bifair", 1)]))


def test_matched_accuracy_counts_only_runs_that_qualify() -> None:
    missed = {"hash.data": "d", NONE_QUALIFIES: "no epoch reaches it"}
    strict = [run("bifair", s, cv=0.2, rule="fair_within:0.01", tags=missed) for s in SEEDS]
    wide = [run("bifair", s, cv=[0.1, 0.2, 0.3][s] if s < 3 else 9.0, rule="fair_within:0.05",
                **({} if s < 3 else {"tags": missed})) for s in SEEDS]  # fmt: skip
    tuned = [
        run("joint", s, rule="fair_within:0.05", failure="none qualifies: no epoch of any trial", spec={})
        for s in SEEDS
    ]
    section = matched_section(study(), measured(runs("alpharec"), wide, strict, tuned))
    (table,) = tables(section)
    assert table.lines[0] == ("1 %", "bifair", "0 of 5", "none", "none", "none", "none")
    half = t.ppf(0.975, 2) * 0.1 / np.sqrt(3)
    assert table.lines[1][:3] == ("5 %", "bifair", "3 of 5")
    assert table.lines[1][5] == f"0.200 ± {half:.3f}"
    assert table.lines[2][:4] == ("5 %", "joint", "0 of 5", "none")
    assert "Nothing met fair_within:0.05 with seeds 3, 4: bifair." in table.note
    assert "that of alpharec" in words(section)
    assert matched_section(study(), THREE) is None


def test_published_values_say_what_differs() -> None:
    given = [
        {"source": "Table 2", "dataset": "MovieLens_100K", "encoder": "org/all-MiniLM-L6-v2", "variant": "bifair",
         "metric": "{group}/cv", "value": 0.25},
        {"source": "Table 2", "dataset": "movielens-1m", "encoder": "llama", "variant": "bifair",
         "metric": "{group}/cv", "value": 0.25, "note": "other split"},
        {"source": "Table 2", "dataset": "movielens-100k", "variant": "joint", "metric": "ndcg", "value": 0.5},
    ]  # fmt: skip
    (table,) = tables(published_section(study(published=given), measured(runs("alpharec"), runs("bifair"))))
    own = values("bifair", CV, measured(runs("bifair")))
    assert table.data[0]["measured"] == pytest.approx(own.mean())
    assert table.lines[0][-1] == "nothing declared"
    assert table.lines[1][-1] == (
        "data: published on movielens-1m, measured on movielens-100k; "
        "encoder: published with llama, measured with all-MiniLM-L6-v2; other split"
    )
    assert table.lines[2][3:] == ("0.500", "–", "0", "not measured here")
    assert published_section(study(), THREE) is None


def test_runs_that_are_no_pairs_are_found() -> None:
    other = {"hash.data": "d", "hash.split": "another"}
    records = measured(runs("alpharec"), [run("bifair", 0), run("bifair", 1, tags=other)])
    text = words(overview_section(study(), records))
    assert "Seed 1: runs were measured on 2 different split hashes (s1: alpharec; another: bifair)" in text
    assert "Seed 0:" not in text
    assert "hence the same data" not in words(paired_section(study(), records))
    assert "All runs of one seed were measured on the same data" in words(overview_section(study(), THREE))


def test_overview_tells_failures_warnings_tuning_and_code() -> None:
    odd = run("bifair", 0, tags={"hash.data": "d", "hash.split": "s0", "code": "other", "weight_collapse": "Action"})
    trials = [run("bifair", 1000, stage="trial", number=n) for n in range(3)]
    trials += [run("joint", 1000, stage="trial", number=0, failure="diverged: loss is nan", metrics={})]
    chosen = [run("joint", s, params={"config.eta": 0.00123}) for s in range(1, 3)]
    records = measured(runs("alpharec"), [odd], chosen, trials)
    section = overview_section(study(), records)
    text = words(section)
    by_name = {table.name: table for table in tables(section)}
    assert [line[:5] for line in by_name["tuning"].lines] == [
        ("alpharec", "–", "0", "0", "–"), ("bifair", "–", "3", "0", "seed 1000"), ("joint", "–", "1", "1", "seed 1000"),
    ]  # fmt: skip
    assert by_name["tuning"].lines[2][5] == "best_ndcg: eta 0.00123"
    assert "numbers of trials differ" in by_name["tuning"].note
    started = replace(records, declared={"tuning": {"from_reference": True}})
    (note,) = (table.note for table in tables(overview_section(study(), started)) if table.name == "tuning")
    assert "the reference of accuracy" in note.removeprefix(by_name["tuning"].note), "what trials start from is said"
    assert by_name["failures"].lines == (
        ("trial", "joint", "1000, trial 1", "best_ndcg", "–", "diverged: loss is nan"),
    )
    assert by_name["warnings"].lines == (("bifair", "4", "1"),)
    assert "Runs differ in: torch, code digest." in text, "one run does not say which torch it had"
    assert "torch: 2.13 (10 runs), none (1 run)" in text
    assert "code digest: c (10 runs), other (1 run)" in text
    assert "4 runs to tune: 1 failed" in text


def test_every_signature_of_failure_has_its_words() -> None:
    """A training that shows all of them: one weight, no accuracy, a Z that stays, a look-ahead that ascends."""
    losses = {"inner_loss_before_lookahead": 1.0, "inner_loss_after_lookahead": 2.0}
    report = SimpleNamespace(group_weights={"a": 1.0, "b": 0.0}, values={"drift_of_Z": 0.0} | losses)
    epoch = SimpleNamespace(report=report, validation=SimpleNamespace(value=0.0))
    shown = signatures.find_signatures(SimpleNamespace(epochs=[epoch], best=epoch), floor=1.0)  # type: ignore[arg-type]
    assert {*shown, signatures.DIVERGED} == set(signatures.SIGNATURES)


def test_a_report_of_nothing_is_still_a_report() -> None:
    document = grid_document(study(), Records("main", "smoke", {}, ()))
    bare = measured([run("alpharec", 0, tags={})])
    assert "do not say which machine" in words(overview_section(study(), bare))
    assert [section.title for section in document.sections] == ["Overview"]
    failed = measured([run("bifair", 0, failure="out of memory", metrics={}, tags={}, spec={})])
    assert "out of memory" in " ".join(words(section) for section in grid_document(study(), failed).sections)


def test_columns_follow_the_grouping_and_the_study() -> None:
    spec = SPEC | {"group": "popularity", "evaluation": {"headline_k": 10}}
    assert [str(column.key) for column in columns(study(), SpecView(spec))][2:] == [
        "test/popularity/cv_at_10",
        "test/popularity/min25_at_10",
    ]
    own = columns(study(metrics={"test/{group}/dp_at_20": "DP of {group}", "training_seconds": "s"}), SpecView(spec))
    assert [(str(column.key), column.heading) for column in own] == [
        ("test/popularity/dp_at_20", "DP of popularity"), ("training_seconds", "s"),
    ]  # fmt: skip


def test_numbers_for_people() -> None:
    assert [number(value) for value in (0.2794, -0.2, 12.34, 0.00123, 0, nan, float("inf"))] == [
        "0.279", "−0.200", "12.3", "0.00123", "0.000", "–", "∞",
    ]  # fmt: skip
    assert [signed(value) for value in (0.2, -0.2, 0, nan)] == ["+0.200", "−0.200", "0.000", "–"]
    assert [percent(value) for value in (-8.88, 6.74, nan)] == ["−8.9 %", "+6.7 %", "–"]
    assert [probability(value) for value in (0.0004, 0.0312, 1, nan)] == ["< 0.001", "0.031", "1.000", "–"]
    assert [seed_list(seeds) for seeds in ([3], [1, 0], [2, 0, 1], [0, 2, 5])] == [
        "seed 3", "seeds 0, 1", "seeds 0–2", "seeds 0, 2, 5",
    ]  # fmt: skip
    assert [counted(n, "run") for n in (0, 1, 2000)] == ["no run", "1 run", "2,000 runs"]


def test_versions_are_listed_in_one_order_whichever_a_database_gives() -> None:
    tags = {"version.torch": "2", "version.zoo": "4", "version.harness": "1", "version.art": "3", "device": "cpu"}
    there, back = (
        environment([run("bifair", 0, tags=dict(order))]) for order in (tags.items(), reversed(tags.items()))
    )
    assert there == back
    assert there.items == ("device: cpu", "harness: 1", "torch: 2", "art: 3", "zoo: 4")

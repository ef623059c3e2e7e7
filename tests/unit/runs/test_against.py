"""A run beside its reference: what is found, kept, shown, and what it does not end."""

import json
from dataclasses import replace
from math import inf, isnan
from pathlib import Path
from typing import Any

import pytest

from harness.base.errors import Unavailable
from harness.domain.metric_key import MetricKey
from harness.evaluation.bootstrap_difference import BootstrapDifference
from harness.runs.against import AGAINST_FILE, Against, kept_against
from harness.runs.artifacts import LISTS_FILE, kept_groups
from harness.runs.carry_out import carry_out
from harness.runs.comparison import compare
from harness.runs.context import Context
from harness.runs.observer import Observer
from harness.runs.run import run
from harness.runs.summary import Summary
from harness.spec.build import build_spec
from harness.spec.reference import reference_of
from harness.spec.run_spec import RunSpec
from harness.track.memory import MemoryTracker

SHOP: dict[str, Any] = {
    "method": "reweight",
    "dataset": "long-tail",
    "dataset_options": {"n_users": 120, "n_items": 100, "n_groups": 4, "dim": 8},
    "encoder": {"name": "random"},
    "evaluation": {"origins": False},
    "compute": {"threads": 1},
    "training": {"max_epochs": 2},
}


class Watching(Observer):
    def __init__(self) -> None:
        self.lines: list[str] = []
        self.stages: list[str] = []
        self.summaries: list[Summary] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    def stage(self, text: str) -> None:
        self.stages.append(text)

    def result(self, summary: Summary) -> None:
        self.summaries.append(summary)


@pytest.fixture
def watching() -> Watching:
    return Watching()


@pytest.fixture
def context(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, watching: Watching) -> Context:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    return Context(MemoryTracker(), observer=watching)


def spec(**asked: Any) -> RunSpec:
    return build_spec(SHOP | asked)


def test_it_is_what_comparing_the_two_runs_finds(context: Context, watching: Watching) -> None:
    made = run(spec(), context)
    (shown,) = watching.summaries
    assert shown.title.startswith("reweight"), "the reference's own table is not shown"
    assert watching.stages.index("training: alpharec on genre groups, cpu") < watching.stages.index(
        "training: reweight on genre groups, cpu"
    )
    against = kept_against(context.tracker, made.id)
    assert against == shown.against
    assert against is not None
    reference = context.tracker.finished(against.run)
    assert reference.tags["spec"] == reference_of(spec()).digest
    expected = compare([against.run, made.id], context)
    assert against.differences == expected.differences[0]
    assert against.of("ndcg").first == reference.metrics["test/ndcg_at_20"]
    assert against.of("cv").second == made.metrics["test/genre/cv_at_20"]
    rows = kept_groups(context.tracker, against.run)
    assert against.utilities == {row.group: row.utility for row in rows if (row.grouping, row.k) == ("genre", 20)}
    assert run(spec(), context).reused
    assert watching.summaries[1].against == against
    assert shown.where["compare"] == f"harness compare {against.run} {made.id}"


def test_the_reference_is_trained_once_for_all_that_are_measured_by_it(context: Context, watching: Watching) -> None:
    first, second = (kept_against(context.tracker, run(spec(method=name), context).id) for name in ("reweight", "ips"))
    assert first is not None
    assert second is not None
    assert first.run == second.run
    assert run(reference_of(spec()), context).id == first.run, "it is the one that asking for it finds"
    assert watching.stages.count("training: alpharec on genre groups, cpu") == 1


def test_without_a_reference_there_is_nothing_beside(context: Context, watching: Watching) -> None:
    made = run(spec(training={"max_epochs": 1, "selection": "best_ndcg"}), context)
    assert kept_against(context.tracker, made.id) is None
    assert watching.summaries[0].against is None
    assert "compare" not in watching.summaries[0].where


def test_runs_of_studies_leave_their_references_test_data_alone(context: Context) -> None:
    made = carry_out(spec(), context)
    assert kept_against(context.tracker, made.id) is None
    (reference,) = (found for found in context.tracker.all_finished({}) if found.id != made.id)
    assert not [key for key in reference.metrics if key.startswith("test/")]


def test_a_reference_whose_lists_are_damaged_ends_no_run(context: Context, watching: Watching) -> None:
    assert isinstance(context.tracker, MemoryTracker)
    reference = run(reference_of(spec()), context)
    context.tracker.runs[reference.id].artifacts[LISTS_FILE] = b"PAR1"
    made = run(spec(), context)
    assert made.metrics["test/ndcg_at_20"] > 0
    assert [line for line in watching.lines if line.startswith("warning: not compared with alpharec: ")]
    assert kept_against(context.tracker, made.id) is None


def test_what_was_kept_and_is_damaged_is_told(context: Context) -> None:
    assert isinstance(context.tracker, MemoryTracker)
    made = run(spec(), context)
    context.tracker.runs[made.id].artifacts[AGAINST_FILE] = b"{}"
    with pytest.raises(Unavailable, match=AGAINST_FILE):
        kept_against(context.tracker, made.id)


def test_numbers_that_are_none_are_kept(tmp_path: Path) -> None:
    row = BootstrapDifference(0.1, 0.2, 0.1, inf, inf, 5, 5)
    against = Against("alpharec", "r1", 20, "genre", {MetricKey("cv", 20, "genre"): row}, {"Children's": 0.25})
    (tmp_path / AGAINST_FILE).write_text(against.as_json(), encoding="utf-8")
    assert json.loads(against.as_json())["differences"]["genre/cv_at_20"]["low"] is None
    store = MemoryTracker()
    with store.start("made up", {}, {}) as tracked:
        tracked.log_artifacts(tmp_path)
    kept = kept_against(store, tracked.id)
    assert kept is not None
    assert isnan(kept.of("cv").low)
    assert replace(kept, differences={}) == replace(against, differences={})
    assert replace(kept.of("cv"), low=0, high=0) == replace(row, low=0, high=0)

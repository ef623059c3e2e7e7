"""Finished runs under another definition, and runs under one with hundreds of groups: on a generated catalogue."""

import csv
import io
import json
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from harness.base.errors import BadInput, HarnessError
from harness.base.trees import parse_assignments
from harness.domain.metric_key import MetricKey
from harness.runs.comparison import compare
from harness.runs.context import Context
from harness.runs.observer import Observer
from harness.runs.on_record import RunResult
from harness.runs.rescoring import definition_options, rescore
from harness.runs.run import run
from harness.runs.summary import Summary
from harness.spec.build import build_spec
from harness.track import Tracker, open_tracker
from harness.track.memory import MemoryTracker

CATALOGUE: dict[str, Any] = {
    "method": "most_popular",
    "dataset": "long-tail",
    "dataset_options": {"n_users": 150, "n_items": 200, "n_groups": 5, "dim": 8},
    "groups": ["genre"],
    "evaluation": {"origins": False},
    "compute": {"threads": 1},
}


class Kept(Observer):
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.summaries: list[Summary] = []

    def say(self, line: str) -> None:
        self.lines.append(line)

    def result(self, summary: Summary) -> None:
        self.summaries.append(summary)


@pytest.fixture(autouse=True, scope="module")
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_HOME", str(tmp_path_factory.mktemp("home")))
        yield


@pytest.fixture(scope="module")
def store() -> MemoryTracker:
    return MemoryTracker()


@pytest.fixture(scope="module")
def plain(store: MemoryTracker) -> RunResult:
    return done(store)


def done(tracker: Tracker, observer: Observer | None = None, **keys: Any) -> RunResult:
    return run(build_spec(CATALOGUE | keys), Context(tracker, observer or Observer()))


def test_options_score_a_finished_run_as_if_it_had_been_run_with_them(store: MemoryTracker, plain: RunResult) -> None:
    watching = Kept()
    options = {"bins": 3, "by": "items"}
    asked = done(store, groups=["popularity"], groupings={"popularity": options})
    found = rescore(plain.id, "popularity", Context(store, watching), options=options)
    expected = {key: value for key, value in asked.metrics.items() if key.startswith("test/popularity/")}
    own = {key: value for key, value in expected.items() if "utility" not in key}
    assert {f"test/{key}": value for key, value in found.metrics.items()} == pytest.approx(own)
    assert len(own) > 2
    assert rescore(plain.id, "popularity", Context(store)).metrics != found.metrics
    (summary,) = watching.summaries
    assert [row.group for row in summary.groups][:3] == ["popularity 1 most", "popularity 2", "popularity 3 least"]
    items = sum(row.members for row in summary.groups if row.k == 20)
    assert f"popularity: 3 groups of {items} items, " in summary.notes[0]
    assert 'options: bins=3, by="items"' in summary.notes


def test_a_run_is_scored_with_its_own_options_where_nothing_else_is_said() -> None:
    store, watching = MemoryTracker(), Kept()
    finished = done(store, group="popularity", groups=["popularity"], groupings={"popularity": {"bins": 4}})
    found = rescore(finished.id, "popularity", Context(store, watching))
    assert {f"test/{key}": value for key, value in found.metrics.items()}.items() <= finished.metrics.items()
    rescore(finished.id, "popularity", Context(store, watching), options={"bins": 2})
    own, other = watching.summaries
    assert (own.trained, other.trained) == ("popularity", "")
    assert len([row for row in other.groups if row.k == 20]) == 2


def test_the_definitions_notes_are_said_and_those_of_others_are_not(store: MemoryTracker, plain: RunResult) -> None:
    watching, other = Kept(), Kept()
    rescore(plain.id, "genre", Context(store, watching), options={"min_items": 1000})
    rescore(plain.id, "activity", Context(store, other))
    assert sum("fewer than 1000 items merged into 'other'" in line for line in watching.lines) == 1
    assert not [line for line in other.lines if "merged" in line]


def test_a_reranked_run_can_be_scored_for_users() -> None:
    store, watching = MemoryTracker(), Kept()
    finished = done(store, rerank="cpfair")
    rescore(finished.id, "user_individual", Context(store, watching))
    assert watching.summaries[0].title.startswith("most_popular + cpfair on long-tail")


@pytest.mark.parametrize(
    ("now", "message"),
    [
        ({"dataset_options": CATALOGUE["dataset_options"] | {"n_items": 90}}, "was measured on other data"),
        ({"dataset_options": CATALOGUE["dataset_options"] | {"seed": 7}}, "was measured on (other data|another split)"),
        ({"seed": 1}, "was measured on another split"),
    ],
)
def test_a_run_is_not_scored_on_what_it_was_not_measured_on(
    now: dict[str, Any], message: str, store: MemoryTracker, plain: RunResult, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = store.runs[plain.id].artifacts
    monkeypatch.delitem(files, "SHA256SUMS")
    monkeypatch.setitem(files, "spec.json", json.dumps(json.loads(files["spec.json"]) | now).encode())
    with pytest.raises(HarnessError, match=message):
        rescore(plain.id, "genre", Context(store))


@pytest.mark.parametrize(
    "said", [["bins=7"], ["groupings.popularity.bins=7"], ["bins=3", "groupings.popularity.bins=7"]]
)
def test_options_are_spelt_short_or_in_full(said: list[str]) -> None:
    assert definition_options("popularity", parse_assignments(said)) == {"bins": 7}


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ("bims=3", r"unknown key 'groupings\.popularity\.bims': did you mean 'bins'\?"),
        ("bins=1", r"groupings\.popularity\.bins: input should be greater than or equal to 2 \(given: 1\)"),
        ("groupings.genre.min_items=2", r"the run is scored under 'popularity'; name its options, or --fairness genre"),
        ("groupings.popularty.bins=2", r"unknown grouping 'popularty': did you mean 'popularity'\?"),
        ("groupings.popularity=2", r"write it as groupings\.popularity\.KEY=VALUE or as KEY=VALUE"),
        ("groupings=2", r"write it as groupings\.popularity\.KEY=VALUE or as KEY=VALUE"),
    ],
)
def test_what_is_no_option_of_the_definition_is_one_line(said: str, message: str) -> None:
    with pytest.raises(BadInput, match=message) as caught:
        definition_options("popularity", parse_assignments([said]))
    assert "\n" not in str(caught.value)


def test_of_hundreds_of_groups_the_store_gets_disparities_and_extremes_and_the_file_gets_all() -> None:
    store, watching = MemoryTracker(), Kept()
    finished = done(store, watching, method="mf", group="item_individual", training={"max_epochs": 1})
    recorded = store.runs[finished.id]
    assert {"test/item_individual/cv_at_20", "test/item_individual/gini_at_20"} <= recorded.metrics.keys()
    assert not [key for key in recorded.metrics if "item_individual/utility" in key or "/group_loss/" in key]
    assert [key for key in recorded.metrics if key.startswith("test/genre/utility_at_20/")]
    assert recorded.metrics["train/group_loss_min"] <= recorded.metrics["train/group_loss_max"]
    rows = [row for row in csv.DictReader(io.StringIO(recorded.artifacts["groups.csv"].decode())) if row["k"] == "20"]
    utilities = {row["group"]: float(row["utility"]) for row in rows if row["grouping"] == "item_individual"}
    assert len(utilities) > 100
    for end, extreme in (("best", max(utilities.values())), ("worst", min(utilities.values()))):
        first = recorded.tags[f"groups.item_individual.{end}"].split(",")[0].split()[0]
        assert utilities[first] == extreme
    (dataset,) = recorded.datasets
    assert dataset["profile"]["groups"]["item_individual"].keys() == {"groups", "smallest", "largest"}
    assert sum(dataset["profile"]["groups"]["genre"].values()) >= dataset["profile"]["items"]
    assert watching.summaries[0].notes[0].startswith("1 epoch in ")


def test_the_same_groups_are_shown_of_a_run_that_is_found_again() -> None:
    store, first, again = MemoryTracker(), Kept(), Kept()
    done(store, first, group="item_individual")
    assert done(store, again, group="item_individual").reused
    assert again.summaries[0].groups == first.summaries[0].groups


def test_who_keeps_no_record_is_not_sent_to_its_pages(store: MemoryTracker) -> None:
    nowhere, somewhere = Kept(), Kept()
    done(open_tracker("none"), nowhere)
    done(store, somewhere)
    assert "pages" not in nowhere.summaries[0].where
    assert somewhere.summaries[0].where["pages"] == "harness ui"


def test_a_run_records_from_what_size_on_groups_were_judged_and_its_table_says_who_was_not() -> None:
    store, first, again = MemoryTracker(), Kept(), Kept()
    made = done(store, first, groupings={"genre": {"min_test": 250}})
    done(store, again, groupings={"genre": {"min_test": 250}})
    assert store.runs[made.id].tags["min_test.genre"] == "250"
    left_out = first.summaries[0].left_out["genre"]
    assert left_out == ["genre 4", "genre 5"]
    assert again.summaries[0].left_out == {"genre": left_out}
    judged = [row.utility for row in first.summaries[0].groups if row.k == 20 and row.group not in left_out]
    assert made.metrics["test/genre/cv_at_20"] == pytest.approx(np.std(judged) / np.mean(judged))


def test_a_run_from_before_the_rule_is_told_apart_when_it_is_compared() -> None:
    store, watching = MemoryTracker(), Kept()
    runs = [done(store, method=method).id for method in ("most_popular", "random")]
    compare(runs, Context(store, watching), resamples=10)
    assert not [line for line in watching.lines if "min_test" in line or "at least" in line]
    del store.runs[runs[1]].tags["min_test.genre"]
    compare(runs, Context(store, watching), resamples=10)
    (line,) = [line for line in watching.lines if "recorded disparities" in line]
    assert line.startswith(
        f"warning: run {runs[1]} was measured with genre groups of at least 1, as before that option"
    )


def test_the_differences_of_two_runs_count_the_groups_that_are_judged() -> None:
    store = MemoryTracker()
    keys: dict[str, Any] = {"groupings": {"genre": {"min_test": 250}}}
    runs = [done(store, method=method, **keys) for method in ("most_popular", "random")]
    found = compare([run.id for run in runs], Context(store), resamples=10)
    difference = found.differences[0][MetricKey("cv", 20, "genre")]
    recorded = [run.metrics["test/genre/cv_at_20"] for run in runs]
    assert (difference.first, difference.second) == pytest.approx(tuple(recorded))

"""A finished run whose values are not those that it has written is noticed; everything else is as it was."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.base.errors import BadInput, Unavailable
from harness.track.digests import CURVES_TAG, METRICS_TAG, Digests, curves_are_intact, metrics_are_intact
from harness.track.mlflow_tracker import MlflowTracker
from harness.track.uri import resolve_uri

POINTS = [("epoch/cv", 1, 0.5), ("epoch/cv", 2, 0.25), ("test/ndcg_at_20", 2, 0.3), ("seconds", 2, -0.0)]


@pytest.fixture(scope="module")
def tracker(tmp_path_factory: pytest.TempPathFactory) -> MlflowTracker:
    return MlflowTracker(resolve_uri(f"sqlite:///{tmp_path_factory.mktemp('store') / 'mlflow.db'}"))


def recorded(tracker: MlflowTracker, spec: str) -> str:
    with tracker.start("run", {}, {"spec": spec}) as run:
        for name, step, value in POINTS:
            run.log_metrics({name: value}, step)
    return run.id


def change(tracker: MlflowTracker, run_id: str, statement: str) -> None:
    assert tracker.uri.file is not None
    with closing(sqlite3.connect(tracker.uri.file)) as database, database:
        assert database.execute(statement, {"run": run_id}).rowcount == 1


def digests(points: list[tuple[str, int, float]]) -> Digests:
    found = Digests()
    for name, step, value in points:
        found.add(name, value, step)
    return found


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE latest_metrics SET value = 0.31 WHERE run_uuid = :run AND key = 'test/ndcg_at_20'",
        "UPDATE latest_metrics SET key = 'test/odcg_at_20' WHERE run_uuid = :run AND key = 'test/ndcg_at_20'",
        "UPDATE latest_metrics SET is_nan = 1 WHERE run_uuid = :run AND key = 'epoch/cv'",
        "DELETE FROM latest_metrics WHERE run_uuid = :run AND key = 'seconds'",
        f"UPDATE tags SET value = '0' || substr(value, 2) WHERE run_uuid = :run AND key = '{METRICS_TAG}' "
        "AND value NOT LIKE '0%'",
    ],
)
def test_a_changed_value_is_no_finished_run(tracker: MlflowTracker, statement: str) -> None:
    spec = statement[:60]
    older, newer = recorded(tracker, spec), recorded(tracker, spec)
    if "tags" in statement and tracker.finished(newer).tags[METRICS_TAG].startswith("0"):
        return  # one in sixteen: the statement would change nothing
    change(tracker, newer, statement)
    said: list[str] = []
    tracker.heard_by(said.append)
    found = tracker.find_finished({"spec": spec})
    assert found is not None
    assert found.id == older
    assert [run.id for run in tracker.all_finished({"spec": spec})] == [older]
    assert len(said) == 1
    assert f"run {newer} in sqlite" in said[0]
    assert "is damaged: its metrics are not those that were recorded" in said[0]
    with pytest.raises(Unavailable, match="is damaged: its metrics"):
        tracker.finished(newer)
    assert tracker.finished(older).metrics["test/ndcg_at_20"] == 0.3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE metrics SET value = 0.51 WHERE run_uuid = :run AND key = 'epoch/cv' AND step = 1",
        "UPDATE metrics SET step = 3 WHERE run_uuid = :run AND key = 'epoch/cv' AND step = 1",
        "DELETE FROM metrics WHERE run_uuid = :run AND key = 'epoch/cv' AND step = 1",
        "UPDATE metrics SET key = 'epoch/cw' WHERE run_uuid = :run AND key = 'epoch/cv' AND step = 1",
    ],
)
def test_a_changed_value_of_an_epoch_is_noticed(tracker: MlflowTracker, statement: str) -> None:
    run = recorded(tracker, "curves")
    assert tracker.histories(run, ["epoch/cv"]) == {"epoch/cv": [(1, 0.5), (2, 0.25)]}
    change(tracker, run, statement)
    with pytest.raises(Unavailable, match="is damaged: its curves are not those that were recorded"):
        tracker.histories(run, ["epoch/cv"])


def test_runs_without_digests_are_as_they_were(tracker: MlflowTracker) -> None:
    run = recorded(tracker, "old")
    for tag in (METRICS_TAG, CURVES_TAG):
        change(tracker, run, f"DELETE FROM tags WHERE run_uuid = :run AND key = '{tag}'")
    change(tracker, run, "UPDATE latest_metrics SET value = 0.31 WHERE run_uuid = :run AND key = 'test/ndcg_at_20'")
    assert tracker.finished(run).metrics["test/ndcg_at_20"] == 0.31


def test_what_somebody_adds_under_another_name_does_not_matter(tracker: MlflowTracker) -> None:
    run = recorded(tracker, "extended")
    tracker.unchecked(run).log_metrics({"my/score": 1.0}, 0)
    added = tracker.unchecked(run)
    added.log_metrics({"my/score": 1.0}, 0)
    added.flush()
    assert tracker.finished(run).metrics["my/score"] == 1.0
    assert tracker.histories(run, ["my/score"]) == {"my/score": [(0, 1.0)]}


def test_a_run_that_is_gone_on_with_promises_nothing(tracker: MlflowTracker) -> None:
    run = recorded(tracker, "resumed")
    resumed = tracker.resume(run)
    assert resumed is not None
    with pytest.raises(BadInput):
        tracker.finished(run)
    resumed.log_metrics({"test/ndcg_at_20": 0.9}, 5)
    resumed.end("FINISHED")
    found = tracker.finished(run)
    assert found.metrics["test/ndcg_at_20"] == 0.9
    assert found.tags[METRICS_TAG] == ""
    assert tracker.histories(run, ["test/ndcg_at_20"])["test/ndcg_at_20"] == [(2, 0.3), (5, 0.9)]


NAMES = st.sampled_from(["test/a", "test/b", "epoch/c", "seconds", "a name"])
VALUES = st.floats(allow_nan=False, allow_infinity=False)
RUNS = st.dictionaries(NAMES, st.dictionaries(st.integers(0, 5), VALUES, min_size=1), min_size=1)


@given(RUNS, st.data())
def test_whatever_is_written_is_intact_and_any_change_is_not(
    run: dict[str, dict[int, float]], data: st.DataObject
) -> None:
    points = [(name, step, value) for name, values in run.items() for step, value in sorted(values.items())]
    tags, last = digests(points).tags(), {name: values[max(values)] for name, values in run.items()}
    assert metrics_are_intact(last, tags)
    assert curves_are_intact(reversed(points), tags)
    number = data.draw(st.integers(0, len(points) - 1))
    name, step, value = points[number]
    other = data.draw(VALUES.filter(lambda found: found != value))
    assert not curves_are_intact([*points[:number], (name, step, other), *points[number + 1 :]], tags)
    assert not metrics_are_intact({**last, name: last[name] + 1 if last[name] + 1 != last[name] else 0.5}, tags)
    assert not metrics_are_intact({key: value for key, value in last.items() if key != name}, tags)


@pytest.mark.parametrize("same", [1, 0])
def test_a_step_that_is_written_again_promises_nothing(same: int) -> None:
    """Stores order values of one step by themselves."""
    assert digests([("a", 1, 0.5), ("a", same, 0.25)]).tags() == {}


def test_the_file_of_a_store_is_named(tracker: MlflowTracker, tmp_path: Path) -> None:
    run = recorded(tracker, "named")
    change(tracker, run, "UPDATE latest_metrics SET value = 0.31 WHERE run_uuid = :run AND key = 'test/ndcg_at_20'")
    with pytest.raises(Unavailable, match=r"mlflow\.db .*put a copy of the database back"):
        tracker.finished(run)

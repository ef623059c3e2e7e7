"""Every tracker keeps the same promises; MLflow's runs on a real SQLite store."""

import time
from pathlib import Path

import pytest

from harness.base.errors import BadInput, HarnessError
from harness.track import Tracker
from harness.track.journal.journal_tracker import JournalTracker
from harness.track.memory import MemoryRun, MemoryTracker
from harness.track.mlflow_tracker import MlflowTracker
from harness.track.null import NullTracker
from harness.track.protocol import Status
from harness.track.uri import resolve_uri


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One database for the module: creating its tables takes seconds."""
    return tmp_path_factory.mktemp("a store") / "mlflow.db"


def opened(kind: str, store: Path, experiment: str) -> Tracker:
    if kind == "none":
        return NullTracker()
    if kind == "memory":
        return MemoryTracker()
    uri = resolve_uri(f"sqlite:///{store}")
    return MlflowTracker(uri, experiment) if kind == "mlflow" else JournalTracker(uri, experiment)


@pytest.fixture(params=["memory", "mlflow", "journal"])
def tracker(request: pytest.FixtureRequest, store: Path, home: Path) -> Tracker:
    return opened(request.param, store, request.node.name)


@pytest.fixture(params=["none", "memory", "mlflow", "journal"])
def any_tracker(request: pytest.FixtureRequest, store: Path, home: Path) -> Tracker:
    return opened(request.param, store, request.node.name)


@pytest.fixture
def home(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("HARNESS_HOME", str(folder))
    return folder


def test_every_call_works_and_a_second_end_does_nothing(any_tracker: Tracker, tmp_path: Path) -> None:
    (tmp_path / "table.csv").write_text("a\n")
    run = any_tracker.start("name", {"seed": 0}, {"spec": "every call"})
    run.log_metrics({"loss": 1.0}, step=1)
    run.log_dataset("ml", "0" * 64, "https://example.org/ml.zip", "training", {"users": 2})
    run.log_artifacts(tmp_path, "tables")
    run.set_tags({"more": "1"})
    run.flush()
    run.end("FINISHED")
    run.end("FAILED")
    found = any_tracker.find_finished({"spec": "every call"})
    assert (found is None) == isinstance(any_tracker, NullTracker)


def test_a_finished_run_is_found_by_all_of_its_tags(tracker: Tracker) -> None:
    with tracker.start("a", {}, {"spec": "it's", "code": "1"}) as run:
        run.log_metrics({"ndcg_at_20": 0.25}, step=1)
        run.log_metrics({"ndcg_at_20": 0.5}, step=2)
    found = tracker.find_finished({"spec": "it's", "code": "1"})
    assert found is not None
    assert found.id == run.id
    assert found.metrics == {"ndcg_at_20": 0.5}
    assert found.tags["code"] == "1"
    assert tracker.find_finished({"spec": "it's", "code": "2"}) is None


def test_a_run_is_found_behind_newer_ones_of_the_same_spec(tracker: Tracker) -> None:
    begun = [tracker.start(code, {}, {"spec": "one", "code": code}) for code in ("a", "a", *"bcdefghijklmnop")]
    for run in begun:
        run.end("FINISHED")
    tracker.start("open", {}, {"spec": "one", "code": "a"})
    found = tracker.find_finished({"spec": "one", "code": "a"})
    assert found is not None
    assert found.id == begun[1].id
    assert [run.id for run in tracker.all_finished({"code": "a", "spec": "one"})] == [begun[1].id, begun[0].id]
    assert len(tracker.all_finished({"spec": "one"})) == len(begun)
    assert tracker.find_finished({"spec": "one", "code": "q"}) is None


def test_a_finished_run_is_found_by_its_id_and_no_other_is(tracker: Tracker) -> None:
    with tracker.start("a", {}, {"spec": "x"}) as run:
        run.log_metrics({"ndcg_at_20": 0.5}, step=1)
    found = tracker.finished(run.id)
    assert (found.id, dict(found.metrics), found.tags["spec"]) == (run.id, {"ndcg_at_20": 0.5}, "x")
    with pytest.raises(BadInput, match="no run 0123 in "):
        tracker.finished("0123")
    running = tracker.start("b", {}, {})
    with pytest.raises(BadInput, match=f"run {running.id} has not finished: its status is RUNNING"):
        tracker.finished(running.id)


def test_all_finished_runs_with_the_tags_are_found_newest_first(tracker: Tracker) -> None:
    ids = []
    for number in range(3):
        with tracker.start("a", {}, {"method": "ease", "seed": str(number)}) as run:
            run.log_metrics({"ndcg_at_20": number / 4}, step=1)
        ids.append(run.id)
        time.sleep(0.002)  # a store's clock ticks in milliseconds
    tracker.start("running", {}, {"method": "ease"})
    tracker.start("failed", {}, {"method": "ease"}).end("FAILED")
    found = tracker.all_finished({"method": "ease"})
    assert [(run.id, dict(run.metrics)) for run in found] == [
        (ids[number], {"ndcg_at_20": number / 4}) for number in (2, 1, 0)
    ]
    assert [run.id for run in tracker.all_finished({"method": "ease", "seed": "1"})] == [ids[1]]
    assert tracker.all_finished({"method": "none"}) == []


def test_the_newest_of_several_is_found(tracker: Tracker) -> None:
    for _ in range(2):
        with tracker.start("a", {}, {"spec": "twice"}) as run:
            pass
    found = tracker.find_finished({"spec": "twice"})
    assert found is not None
    assert found.id == run.id


def test_an_exception_ends_the_run_as_failed_with_a_reason(tracker: Tracker) -> None:
    with pytest.raises(ValueError, match="two lines"), tracker.start("a", {}, {"spec": "fails"}):
        raise ValueError("two\nlines " + "and two lines")
    assert tracker.find_finished({"spec": "fails"}) is None
    found = tracker.find({"spec": "fails"})
    assert found is not None
    assert (found.status, found.tags["failure"]) == ("FAILED", "ValueError: two lines and two lines")


def test_an_interrupt_ends_the_run_as_killed(tracker: Tracker) -> None:
    with pytest.raises(KeyboardInterrupt), tracker.start("a", {}, {"spec": "killed"}):
        raise KeyboardInterrupt
    found = tracker.find({"spec": "killed"})
    assert found is not None
    assert (found.status, found.tags["failure"]) == ("KILLED", "interrupted")


def test_values_that_are_not_finite_are_counted_not_kept(tracker: Tracker) -> None:
    with tracker.start("a", {}, {"spec": "nan"}) as run:
        run.log_metrics({"cv": float("nan"), "loss": float("inf"), "ndcg": 0.1}, step=1)
        run.log_metrics({"cv": float("nan"), "loss": 1.0}, step=2)
    found = tracker.find_finished({"spec": "nan"})
    assert found is not None
    assert found.metrics == {"ndcg": 0.1, "loss": 1.0}
    assert found.tags["not_finite"] == "cv ×2, loss ×1"


def test_names_that_stores_refuse_become_ones_that_they_take(tracker: Tracker) -> None:
    with tracker.start("a", {"p@q": 1}, {"spec": "names"}) as run:
        run.log_metrics({"recall@20": 1.0, "genre/Children's": 2.0, "../x//y": 3.0, "größe/日本": 4.0}, step=0)
    found = tracker.find_finished({"spec": "names"})
    assert found is not None
    assert found.metrics == {"recall_20": 1.0, "genre/Children_s": 2.0, "_/x/_/y": 3.0, "größe/日本": 4.0}


def test_a_parameter_that_is_too_long_is_cut_and_says_so(tracker: Tracker) -> None:
    with tracker.start("a", {"long": "x" * 7000, "short": [1, 2], "none": None, "empty": ""}, {"spec": "long"}):
        pass
    found = tracker.find_finished({"spec": "long"})
    assert found is not None
    assert found.tags["params_cut"] == "cut at 6000 characters: long"


def test_a_run_can_be_gone_on_with(tracker: Tracker, tmp_path: Path) -> None:
    run = tracker.start("a", {}, {"spec": "resumed"})
    run.log_metrics({"loss": 2.0}, step=1)
    run.end("KILLED")
    again = tracker.resume(run.id)
    assert again is not None
    with again:
        again.log_metrics({"loss": 1.0}, step=2)
    found = tracker.find_finished({"spec": "resumed"})
    assert found is not None
    assert (found.id, found.metrics) == (run.id, {"loss": 1.0})
    assert tracker.resume("0" * 32) is None


def test_a_file_comes_back_as_it_was(tracker: Tracker, tmp_path: Path) -> None:
    (tmp_path / "groups.csv").write_bytes(b"a\r\n\xff")
    with tracker.start("a", {}, {}) as run:
        run.log_artifacts(tmp_path, "tables")
    assert tracker.artifact(run.id, "tables/groups.csv") == b"a\r\n\xff"
    with pytest.raises(HarnessError, match=r"no file missing\.csv"):
        tracker.artifact(run.id, "missing.csv")
    with pytest.raises(BadInput, match="no run 0000"):
        tracker.artifact("0" * 32, "groups.csv")


def test_files_are_added_to_a_run_that_has_ended_and_it_stays_ended(tracker: Tracker, tmp_path: Path) -> None:
    with tracker.start("a", {}, {"spec": "added"}) as run:
        pass
    (tmp_path / "page.html").write_text("again")
    tracker.add_artifacts(run.id, tmp_path, "report")
    assert tracker.artifact(run.id, "report/page.html") == b"again"
    assert tracker.finished(run.id).id == run.id
    with pytest.raises(BadInput, match="no run 0000"):
        tracker.add_artifacts("0" * 32, tmp_path)


def test_the_original_error_survives_when_the_end_cannot_be_recorded() -> None:
    class Gone(MemoryRun):
        def end(self, status: Status) -> None:
            raise HarnessError("store gone")

    run = Gone("1", "a", {}, {}, None)
    with pytest.raises(ValueError, match="first") as caught, run:
        raise ValueError("first")
    assert "store gone" in caught.value.__notes__[0]


def test_open_runs_are_found_by_their_tags(tracker: Tracker) -> None:
    begun = [tracker.start("a run", {}, {"machine": machine}) for machine in ("a", "a", "b")]
    begun[1].end("KILLED")
    assert [run.id for run in tracker.unended({"machine": "a"})] == [begun[0].id]
    assert tracker.resume(begun[1].id) is not None
    assert {run.id for run in tracker.unended({"machine": "a"})} == {run.id for run in begun[:2]}


def test_children_are_listed_whatever_became_of_them(tracker: Tracker) -> None:
    parent = tracker.start("study", {}, {"study": "tune"})
    other = tracker.start("study", {}, {"study": "tune"})
    running = tracker.start("a", {}, {"trial": "0"}, parent=parent.id)
    with tracker.start("b", {}, {"trial": "1"}, parent=parent.id) as finished:
        finished.log_metrics({"ndcg": 0.5}, step=1)
    tracker.start("c", {}, {}, parent=parent.id).end("KILLED")
    tracker.start("elsewhere", {}, {}, parent=other.id)
    found = tracker.children(parent.id)
    assert [child.status for child in found] == ["RUNNING", "FINISHED", "KILLED"]
    assert [child.id for child in found[:2]] == [running.id, finished.id]
    assert [child.tags.get("trial") for child in found] == ["0", "1", None]
    assert found[1].metrics == {"ndcg": 0.5}
    assert tracker.children("0" * 32) == []


def test_a_run_is_found_by_its_tags_whatever_its_status(tracker: Tracker) -> None:
    parent = tracker.start("study", {}, {"study": "grid", "budget": "smoke"})
    child = tracker.start("a", {}, {"study": "grid"}, parent=parent.id)
    assert tracker.find({"study": "grid", "budget": "full"}) is None
    by_budget, newest = tracker.find({"budget": "smoke"}), tracker.find({"study": "grid"})
    assert by_budget is not None
    assert (by_budget.id, by_budget.status) == (parent.id, "RUNNING")
    assert newest is not None
    assert newest.id == child.id


def test_what_is_discarded_is_found_by_nobody(tracker: Tracker) -> None:
    parent = tracker.start("study", {}, {"study": "main"})
    kept = tracker.start("kept", {}, {"spec": "1"}, parent=parent.id)
    kept.end("FINISHED")
    with tracker.start("half done", {}, {"spec": "1"}, parent=parent.id) as run:
        pass
    for _ in range(2):
        tracker.discard(run.id)
    tracker.discard("0" * 32)
    assert [child.id for child in tracker.children(parent.id)] == [kept.id]
    for found in (tracker.find({"spec": "1"}), tracker.find_finished({"spec": "1"})):
        assert found is not None
        assert found.id == kept.id
    assert tracker.resume(run.id) is None
    with pytest.raises(BadInput, match=f"no run {run.id}"):
        tracker.finished(run.id)


def test_curves_come_back_by_step_under_the_names_they_were_asked_by(tracker: Tracker) -> None:
    with tracker.start("a", {}, {}) as run:
        for step in (1, 2, 10):
            run.log_metrics({"loss": 1 / step, "utility/Children's": float(step)}, step)
        run.flush()
    again = tracker.resume(run.id)
    assert again is not None
    with again:
        again.log_metrics({"loss": 0.25}, step=2)
    curves = tracker.histories(run.id, ["loss", "utility/Children's", "never"])
    assert curves == {
        "loss": [(1, 1.0), (2, 0.5), (2, 0.25), (10, 0.1)],
        "utility/Children's": [(1, 1.0), (2, 2.0), (10, 10.0)],
        "never": [],
    }
    with pytest.raises(BadInput, match="no run 0000"):
        tracker.histories("0" * 32, ["loss"])


def test_nowhere_has_no_children_and_no_curves() -> None:
    tracker = NullTracker()
    with tracker.start("a", {}, {"spec": "1"}) as run:
        tracker.discard(run.id)
    assert (tracker.children(run.id), tracker.find({"spec": "1"})) == ([], None)
    assert tracker.histories(run.id, ["loss"]) == {"loss": []}


def test_runs_are_called_by_the_beginning_of_their_ids_and_by_their_names(tracker: Tracker) -> None:
    first, second = (tracker.start("it's one", {}, {}), tracker.start("two", {}, {}))
    for run in (first, second):
        run.end("FINISHED")
    tracker.settle()
    ids = [run.id for run in tracker.all_finished({})]
    assert len(ids) == 2
    for run_id in ids:
        assert tracker.called(run_id[:-1] if "-" not in run_id else run_id) == [run_id]
    assert tracker.called("two") == [ids[0]]
    assert tracker.called("it's one") == [ids[1]]
    assert tracker.called("") == tracker.called("100% '_\"") == tracker.called("%") == []

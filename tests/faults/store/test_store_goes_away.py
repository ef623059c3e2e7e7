"""A store that fails in any way at any moment of a run: nothing is lost, nothing is there twice, nobody waits long."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.base.errors import Unavailable
from harness.track import NotRecorded
from harness.track.journal.journal_tracker import JournalTracker
from harness.track.journal.settlement import Patience
from harness.track.mlflow_tracker import MlflowTracker
from harness.track.uri import resolve_uri

SILENCE_SECONDS = 10.0
QUICK = Patience(moving=60, still=3, interrupted=1)
PHASES = ("start", "metrics", "artifacts", "end")
FAULTS = ("lose", 401, 500, "drop")
PAIRS = [
    pytest.param(fault, phase, marks=[] if n % 4 == m else pytest.mark.faults)
    for n, fault in enumerate(FAULTS)
    for m, phase in enumerate(PHASES)
]
"""All of them; one of each is tested by everybody, the others before a release."""
EPOCHS = 4


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def files(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    (folder / "tables").mkdir(parents=True)
    (folder / "spec.json").write_text("{}")
    (folder / "tables/groups.csv").write_text("group\n")
    return folder


@pytest.fixture
def store(server: Any, request: pytest.FixtureRequest) -> Callable[[], MlflowTracker]:
    """``store()``: what has reached the server, read past the proxy and past all journals."""
    return lambda: MlflowTracker(resolve_uri(f"http://127.0.0.1:{server.port}"), request.node.name)


@pytest.fixture
def tracker(proxy: Any, request: pytest.FixtureRequest) -> JournalTracker:
    return JournalTracker(resolve_uri(proxy.address), request.node.name, QUICK)


def timed(call: Callable[..., Any], *arguments: Any, **named: Any) -> Any:
    """What the call answers; it may not take long."""
    began = time.monotonic()
    answer = call(*arguments, **named)
    assert time.monotonic() - began < SILENCE_SECONDS, call
    return answer


def record(tracker: JournalTracker, files: Path, at: Callable[[str], None] = str) -> str:
    """A run with something of everything; ``at`` is told of each phase before it begins. Its id."""
    at("start")
    run = timed(tracker.start, "run", {"epochs": EPOCHS}, {"spec": "s"})
    timed(run.log_dataset, "ml", "0" * 64, "https://example.org/ml.zip", "training", {"users": 2})
    for epoch in range(1, EPOCHS + 1):
        if epoch == 2:
            at("metrics")
        timed(run.log_metrics, {"loss": 1 / epoch, "diverged": float("nan")}, epoch)
    at("artifacts")
    timed(run.log_artifacts, files, "kept")
    at("end")
    timed(run.set_tags, {"found": "yes"})
    timed(run.end, "FINISHED")
    return run.id


def check_recorded_once(store: MlflowTracker, count: int = 1) -> None:
    """The store has the run whole, and only so many of them."""
    runs = store.with_tags({"spec": "s"})
    assert [run.status for run in runs] == ["FINISHED"] * count
    assert len(store.with_tags({"mlflow.user": runs[0].tags["mlflow.user"]})) == count, "one of them is empty"
    for run in runs:
        assert run.tags["found"] == "yes"
        assert run.tags["not_finite"] == f"diverged ×{EPOCHS}"
        assert store.histories(run.id, ["loss"])["loss"] == [(epoch, 1 / epoch) for epoch in range(1, EPOCHS + 1)]
        assert store.artifact(run.id, "kept/tables/groups.csv") == b"group\n"
        assert store.artifact(run.id, "kept/spec.json") == b"{}"


@pytest.mark.parametrize(("fault", "phase"), PAIRS)
def test_a_fault_that_passes_loses_nothing_and_doubles_nothing(
    proxy: Any, tracker: JournalTracker, store: Callable[[], MlflowTracker], files: Path, fault: Any, phase: str
) -> None:
    said: list[str] = []
    tracker.heard_by(said.append)

    def begin(now: str) -> None:
        if now == phase:
            proxy.fault = lambda method, path: fault

    run_id = record(tracker, files, begin)
    with pytest.raises(NotRecorded, match=r"nothing is lost; when the store answers: harness sync") as caught:
        timed(tracker.settle)
    assert caught.value.exit_code == 3
    assert sum("does not answer: what is recorded" in line for line in said) == 1, said
    assert "s3cret" not in f"{said}{caught.value}"
    found = timed(tracker.finished, run_id)
    assert found.metrics["loss"] == 1 / EPOCHS
    assert timed(tracker.artifact, run_id, "kept/spec.json") == b"{}"
    assert timed(tracker.find_finished, {"spec": "s"}).id == run_id
    proxy.fault = lambda method, path: None
    timed(tracker.sync)
    check_recorded_once(store())
    assert tracker.finished(run_id).metrics == {"loss": 1 / EPOCHS}, "read from the store, by the id it had first"
    assert any("answers again" in line for line in said)


def test_artifacts_that_are_refused_hold_up_nothing_before_them(
    proxy: Any, tracker: JournalTracker, store: Callable[[], MlflowTracker], files: Path
) -> None:
    proxy.fault = lambda method, path: 500 if "mlflow-artifacts" in path else None
    record(tracker, files)
    with pytest.raises(NotRecorded):
        timed(tracker.settle)
    (run,) = store().with_tags({"spec": "s"})
    assert run.metrics == {"loss": 1 / EPOCHS}
    proxy.fault = lambda method, path: None
    tracker.sync()
    check_recorded_once(store())


@pytest.mark.faults
def test_a_server_that_is_slow_is_waited_for_and_one_that_takes_forever_is_not(
    proxy: Any, tracker: JournalTracker, store: Callable[[], MlflowTracker], files: Path
) -> None:
    proxy.fault = lambda method, path: 0.3
    record(tracker, files)
    timed(tracker.settle)
    check_recorded_once(store())
    proxy.fault = lambda method, path: 9.5  # each request is carried out after the client has given up
    record(tracker, files)
    with pytest.raises(NotRecorded):
        timed(tracker.settle)
    time.sleep(10)
    proxy.fault = lambda method, path: None
    time.sleep(10)  # what has been asked meanwhile is given up
    tracker.sync()
    check_recorded_once(store(), count=2)


def test_a_server_that_is_stopped_and_started_again(
    server: Any, proxy: Any, tracker: JournalTracker, store: Callable[[], MlflowTracker], files: Path
) -> None:
    record(tracker, files, lambda phase: server.stop() if phase == "metrics" else None)
    with pytest.raises(NotRecorded, match="cannot write"):
        timed(tracker.settle)
    server.start()
    timed(tracker.settle)
    check_recorded_once(store())


def test_a_store_that_never_answered_is_refused_before_anything_is_done(proxy: Any) -> None:
    proxy.fault = lambda method, path: 500
    with pytest.raises(Unavailable):
        timed(JournalTracker, resolve_uri(proxy.address), "never", QUICK)


def test_who_only_reads_is_told_that_the_store_is_away(proxy: Any, tracker: JournalTracker) -> None:
    proxy.fault = lambda method, path: 500
    for question in (tracker.find_finished, tracker.find):
        with pytest.raises(Unavailable):
            timed(question, {"spec": "s"})
    with pytest.raises(Unavailable):
        timed(tracker.finished, "0" * 32)


def test_a_family_is_begun_while_the_store_is_away(
    proxy: Any, tracker: JournalTracker, store: Callable[[], MlflowTracker], files: Path
) -> None:
    proxy.fault = lambda method, path: 500
    parent = tracker.start("study", {}, {"study": "main"})
    children = []
    for name in ("kept", "thrown away"):
        with tracker.start(name, {}, {"name": name}, parent.id) as run:
            run.log_metrics({"ndcg": 0.5}, 1)
        children.append(run.id)
    tracker.discard(children[1])
    assert [child.id for child in tracker.children(parent.id)] == children[:1]
    assert tracker.find({"name": "kept"}) is not None
    parent.log_artifacts(files, "report")
    parent.end("FINISHED")
    proxy.fault = lambda method, path: None
    tracker.sync()
    found = store().find({"study": "main"})
    assert found is not None
    assert found.status == "FINISHED"
    (child,) = store().children(found.id)
    assert child.metrics == {"ndcg": 0.5}
    assert store().artifact(found.id, "report/spec.json") == b"{}"

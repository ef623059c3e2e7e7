"""Journals without a server: who owns them, who reads them, and what becomes of those that nobody can send."""

import subprocess
import sys
from pathlib import Path
from typing import NoReturn

import pytest

from harness.base.errors import Unavailable
from harness.track import NotRecorded, open_tracker
from harness.track.journal.journal_file import Journal, Progress
from harness.track.journal.journal_tracker import JournalTracker
from harness.track.journal.settlement import Patience
from harness.track.mlflow_store import open_client
from harness.track.mlflow_tracker import MlflowTracker
from harness.track.uri import StoreUri, resolve_uri

QUICK = Patience(moving=20, still=1, interrupted=0.5)
BEGIN = """
import os, sys
from harness.track.journal.journal_file import Journal, Progress
from harness.track.journal.journal_tracker import JournalTracker
from harness.track.uri import resolve_uri
run = JournalTracker(resolve_uri(sys.argv[1]), "e").start("a", {}, {"name": "dead"})
run.log_metrics({"loss": 1.0}, 1)
print(run.id, flush=True)
sys.stdin.read()
os._exit(0)
"""


@pytest.fixture(autouse=True)
def home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> StoreUri:
    return resolve_uri(f"sqlite:///{tmp_path_factory.mktemp('store') / 'mlflow.db'}")


def away(uri: StoreUri, experiment: str) -> NoReturn:
    raise Unavailable("nobody is there")


def lines_of(home: Path) -> list[Path]:
    return sorted(home.glob("journals/*/[0-9]*/lines"))


def test_only_stores_over_a_network_have_journals(uri: StoreUri, home: Path) -> None:
    tracker = open_tracker(uri.text)
    assert isinstance(tracker, MlflowTracker)
    with tracker.start("a", {}, {}):
        pass
    assert not (home / "journals").exists()


def test_what_another_process_records_is_read_and_once_it_has_died_sent_as_killed(uri: StoreUri, home: Path) -> None:
    command = [sys.executable, "-P", "-c", BEGIN, uri.text]
    other = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert other.stdin is not None
    assert other.stdout is not None
    run_id = other.stdout.readline().strip()
    here = JournalTracker(uri, "e", QUICK)
    found = here.find({"name": "dead"})
    assert found is not None
    assert (found.id, found.status, found.metrics) == (run_id, "RUNNING", {"loss": 1.0})
    (unended,) = here.unended({"name": "dead"})
    assert unended.id == run_id
    assert unended.tags["process.id"] == str(other.pid)
    here.settle()
    assert lines_of(home), "it is the other process's as long as that lives"

    worker = JournalTracker(uri, "e", QUICK, opener=away)
    run = worker.start("b", {}, {"name": "worker"})  # the store is away, and somebody is recording to it
    run.end("FINISHED")
    with pytest.raises(NotRecorded, match="nobody is there"):
        worker.settle()
    assert here.finished(run.id).tags["name"] == "worker"

    other.communicate("")
    here.settle()
    stored = MlflowTracker(uri, "e")
    assert here.unended({"name": "dead"}) == []
    (dead,) = stored.with_tags({"name": "dead"})
    assert (dead.id, dead.status, dead.metrics) == (run_id, "KILLED", {"loss": 1.0})
    assert dead.tags["failure"] == "its process ended without recording the end"


def test_a_run_that_ended_while_the_store_was_away_is_not_open_although_the_store_has_it_so(uri: StoreUri) -> None:
    tracker = JournalTracker(uri, "e", QUICK)
    run = tracker.start("a", {}, {"name": "unsent"})
    stored = MlflowTracker(uri, "e")
    assert [found.id for found in stored.unended({"name": "unsent"})] == [run.id]
    worker = JournalTracker(uri, "e", QUICK, opener=lambda place, name: stored)
    assert [found.id for found in worker.unended({"name": "unsent"})] == [run.id]
    run.end("FINISHED")
    assert worker.unended({"name": "unsent"}) == []
    tracker.settle()
    assert stored.finished(run.id).status == "FINISHED"


def test_a_store_that_is_away_and_nobody_records_to_is_refused(uri: StoreUri) -> None:
    with pytest.raises(Unavailable, match="nobody is there"):
        JournalTracker(uri, "e", QUICK, opener=away)


def test_a_run_that_the_store_has_no_more_is_set_aside_and_others_go_on(uri: StoreUri, home: Path) -> None:
    tracker = JournalTracker(uri, "e", QUICK)
    said: list[str] = []
    tracker.heard_by(said.append)
    run = tracker.start("a", {}, {"name": "removed"})
    open_client(uri).delete_run(run.id)  # by its user
    run.set_tags({"late": "1"})
    run.end("FINISHED")
    with tracker.start("b", {}, {"name": "stays"}):
        pass
    with pytest.raises(NotRecorded, match="1 journal in"):
        tracker.settle()
    assert any("does not take" in line for line in said)
    (stays,) = MlflowTracker(uri, "e").with_tags({"name": "stays"})
    assert stays.status == "FINISHED"
    JournalTracker(uri, "e", QUICK).settle()  # a later command is not held up by it


def test_what_is_left_of_a_run_that_has_been_begun_anew_from_elsewhere_is_wanted_by_nobody(
    uri: StoreUri, home: Path
) -> None:
    tracker = JournalTracker(uri, "e", QUICK)
    run = tracker.start("a", {}, {"name": "cut off"})
    run.flush()
    MlflowTracker(uri, "e").discard(run.id)
    run.log_metrics({"loss": 1.0}, 1)
    run.flush()
    run.end("KILLED")
    tracker.settle()
    assert lines_of(home) == []
    assert MlflowTracker(uri, "e").with_tags({"name": "cut off"}) == []


def test_a_journal_that_was_damaged_is_said_and_is_not_sent(uri: StoreUri, home: Path) -> None:
    opened: list[str] = []

    def once(uri: StoreUri, experiment: str) -> MlflowTracker:
        opened.append(experiment)
        return MlflowTracker(uri, experiment)

    tracker = JournalTracker(uri, "e", QUICK, opener=once)
    run = tracker.start("a", {}, {"name": "damaged"})
    run.log_metrics({"loss": 0.25}, 1)
    (lines,) = lines_of(home)
    lines.write_bytes(lines.read_bytes().replace(b"0.25", b"0.52"))
    run.end("FINISHED")
    with pytest.raises(NotRecorded, match="damaged in line 2"):
        tracker.settle()
    (stored,) = MlflowTracker(uri, "e").with_tags({"name": "damaged"})
    assert stored.metrics == {}


def test_a_note_of_what_was_sent_that_has_changed_is_noticed(tmp_path: Path) -> None:
    journal = Journal.begin(tmp_path, {"start": {}})
    assert journal.progress == Progress()
    journal.keep(sent=12, run="r", tries=1)
    (note,) = journal.folder.glob("sent.json")
    content = note.read_bytes()
    for place in range(len(content)):
        changed = bytearray(content)
        changed[place] ^= 1
        note.write_bytes(changed)
        with pytest.raises(Unavailable, match=r"sent\.json is damaged"):
            _ = journal.progress
    note.write_bytes(b'{"sent": 3, "run": "r", "tries": 1, "done": false, "refused": ""}')
    assert journal.progress == Progress(sent=3, run="r", tries=1), "as an earlier version wrote it"
    for damaged in (b"", b"{}x", b"[]", b'{"sent": 3, "ran": "r"}', b"null"):
        note.write_bytes(damaged)
        with pytest.raises(Unavailable, match=r"sent\.json is damaged"):
            _ = journal.progress
    journal.let_go()

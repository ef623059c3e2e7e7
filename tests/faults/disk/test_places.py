"""Everything that is written is written whole or not at all, and a full file system is one line, wherever it is met."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import harness as h
from harness.base.full_disk import DiskFull
from harness.builtin.encoders.random import RandomVectors
from harness.cli.app import main
from harness.study.trial_storage import SearchStorage
from harness.track import open_tracker
from harness.track.journal.journal_folder import JournalFolder
from harness.track.uri import resolve_uri
from harness.vectors.embeddings import embed

RECORDS = Path(__file__).resolve().parents[3] / "results/empirical-default"
TINY = [f"--set={key}" for key in ("dataset_options.n_users=150", "dataset_options.n_items=120")]
CARD = """
name = "own"
title = "Own"
summary = "a table"
homepage = ""
licence = "none"
citation = "none"
groupings = ["popularity"]
default_group = "popularity"
[interactions]
file = "t.csv"
columns = { user = "u", item = "i" }
"""


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))


COMMANDS: dict[str, Callable[[Path], list[str]]] = {
    "records": lambda disk: ["export", str(RECORDS), "--to", str(disk / "new")],
    "a report": lambda disk: ["report", str(RECORDS), "--to", str(disk / "new")],
    "a report over an old one": lambda disk: ["report", str(RECORDS), "--to", str(disk / "old")],
    "a new plug-in": lambda disk: ["plugin", "new", "method", "mine", "--folder", str(disk / "new")],
    "prepared data": lambda disk: ["data", "export", "long-tail", str(disk / "new"), *TINY],
    "vectors": lambda disk: [
        *("data", "export", "long-tail", str(disk / "new"), "--vectors", "--set=encoder.name=random"),
        *TINY,
    ],
    "a figure": lambda disk: ["data", "audit", "long-tail", "--plot", str(disk / "tail.png"), *TINY],
    "a card": lambda disk: ["data", "add", str(disk / "own.toml"), "--home", str(disk / "home")],
    "a page of results": lambda disk: ["results", str(disk / "results"), "--to", str(disk / "new.md")],
    "a new store": lambda disk: ["run", "--dataset", "long-tail", "--home", str(disk / "home"), *TINY],
    "a new store elsewhere": lambda disk: [
        *("run", "--dataset", "long-tail", "--tracking-uri", f"sqlite:///{disk}/new/mlflow.db", *TINY)
    ],
    "trials": lambda disk: [
        *("run", "--study", "tune", "--method", "bifair", "--storage", f"sqlite:///{disk}/trials.db"),
        *("--set=dataset=long-tail", *TINY),
    ],
}


SLOW = ("a report", "a report over an old one", "a page of results", "trials")


@pytest.mark.parametrize("left", [0, pytest.param(8192, marks=pytest.mark.faults)])
@pytest.mark.parametrize(
    "place", [pytest.param(name, marks=pytest.mark.faults if name in SLOW else ()) for name in COMMANDS]
)
def test_a_command_that_finds_no_room(
    small_disk: Any, capsys: pytest.CaptureFixture[str], place: str, left: int
) -> None:
    disk: Path = small_disk.folder
    (disk / "own.toml").write_text(CARD)
    (disk / "t.csv").write_text("u,i\n" + "".join(f"{n % 7},{n % 5}\n" for n in range(35)))
    shutil.copytree(RECORDS, disk / "results/empirical-default")
    page = 'title = "t"\nlead = "l"\n[[studies]]\nstudy = "empirical"\n'
    (disk / "results/results.toml").write_text(page)
    if "old" in place:
        assert main(["report", str(RECORDS), "--to", str(disk / "old")]) == 0
        capsys.readouterr()
    before = small_disk.files()
    small_disk.leave(left)
    code = main(COMMANDS[place](disk))
    said = capsys.readouterr()
    if place in ("a card", "a new plug-in") and left:  # these are small
        assert code == 0
        return
    assert code == 1, said.err
    (line,) = said.err.splitlines()
    assert f"no room for {disk}/" in line
    assert f"on the file system {disk}, where " in line
    assert "Traceback" not in said.out
    kept = {name: size for name, size in small_disk.files().items() if "/cache/" not in name}  # whole, and used again
    assert kept == before
    small_disk.empty()
    if "store" not in place and "trials" not in place:  # those would go on to train
        assert main(COMMANDS[place](disk)) == 0


def _tables(disk: Path) -> None:
    generator = np.random.default_rng(0)
    h.dataset_from_frames(pl.DataFrame({name: generator.integers(10**6, size=300_000) for name in ("user", "item")}))


def _artifacts(disk: Path) -> None:
    files = disk.parent / "files"
    with open_tracker(f"sqlite:///{disk}/mlflow.db").start("a", {}, {}) as run:
        run.log_artifacts(files)


def _journal(disk: Path) -> None:
    journal = JournalFolder(resolve_uri("http://127.0.0.1:9")).begin({"start": {}})
    try:
        for number in range(1000):
            journal.append("tags", {"text": str(number) * 1000})
    finally:
        journal.let_go()


def _files_of_a_journal(disk: Path) -> None:
    journal = JournalFolder(resolve_uri("http://127.0.0.1:9")).begin({"start": {}})
    try:
        journal.keep_files(disk.parent / "files", "")
    finally:
        journal.let_go()


def _search(disk: Path) -> None:
    with SearchStorage("s", ["maximize"]) as search:
        for number in range(10_000):
            search.note("failure", number, "x" * 1000)


@pytest.mark.parametrize("write", [_tables, _artifacts, _journal, _files_of_a_journal, _search])
@pytest.mark.parametrize("left", [12_288, *(pytest.param(left, marks=pytest.mark.faults) for left in (65_536, 10**6))])
def test_what_finds_no_room_under_way(
    small_disk: Any, monkeypatch: pytest.MonkeyPatch, write: Callable[[Path], None], left: int
) -> None:
    disk: Path = small_disk.folder
    monkeypatch.setenv("HARNESS_HOME", str(disk))
    files = disk.parent / "files/below"
    files.mkdir(parents=True)
    for name in "abc":
        (files / name).write_bytes(os.urandom(700_000))
    open_tracker(f"sqlite:///{disk}/mlflow.db").start("before", {}, {}).end("FINISHED")
    with SearchStorage("s", ["maximize"]):
        pass
    before = small_disk.files()
    small_disk.leave(left)
    with pytest.raises(DiskFull, match=f"no room for {disk}/.* on the file system {disk}, where"):
        write(disk)
    grown = {name for name in small_disk.files() if name not in before and "journals/" not in name}
    assert grown == set()
    if write is _files_of_a_journal:
        assert [name for name in small_disk.files() if "/files/" in name] == []
    if write is _artifacts:
        small_disk.empty()
        tracker = open_tracker(f"sqlite:///{disk}/mlflow.db")
        assert tracker.unended({}) == []
        if left > 100_000:  # there was room for the run, not for its files
            assert [run.status for run in tracker.with_tags({})] == ["FINISHED", "FAILED"]


def test_a_cache_without_room_costs_time_alone(small_disk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(small_disk.folder))
    small_disk.leave(4096)
    said: list[str] = []
    texts = [f"item {number}" for number in range(1000)]
    vectors = embed(texts, RandomVectors(), said.append)
    assert vectors.shape[0] == 1000
    (line,) = said
    assert line.startswith(f"the vectors are not cached: no room for {small_disk.folder}/cache/embeddings/")
    assert small_disk.files() == {}

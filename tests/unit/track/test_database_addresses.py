"""Addresses of databases: what is wrong with one is said in a line, before training, without its password."""

import importlib.util
import sqlite3
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any, NoReturn

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Pool, event

from harness.base.errors import BadInput, HarnessError, Unavailable
from harness.publish.run_study import run_study
from harness.runs.context import Context
from harness.runs.observer import Observer
from harness.study.study_files import study_name
from harness.study.study_spec import load_study
from harness.study.trial_storage import SearchStorage, check_storage
from harness.track import open_tracker
from harness.track.database import Database, masked
from harness.track.memory import MemoryTracker

plain = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1)
OPENERS = [open_tracker, check_storage]


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))


@given(scheme=plain, slashes=st.sampled_from(["//", "/"]), user=plain, password=st.text(), host=plain, database=plain)
def test_any_password_is_hidden_and_nothing_else(
    scheme: str, slashes: str, user: str, password: str, host: str, database: str
) -> None:
    address = f"{scheme}:{slashes}{user}:{password}@{host}:5432/{database}"
    assert masked(address) == f"{scheme}:{slashes}{user}:***@{host}:5432/{database}"


@given(scheme=plain, user=plain, host=plain, password=plain)
def test_a_password_among_the_options_and_none_at_all(scheme: str, user: str, host: str, password: str) -> None:
    address = f"{scheme}://{user}@{host}:5432/d?application_name=x"
    assert masked(address) == address
    assert masked(f"{address}&password={password}&sslmode=require") == f"{address}&password=***&sslmode=require"


def test_a_dead_network_is_not_waited_for_unless_the_address_says_so() -> None:
    def bounded(address: str) -> str:
        return Database(address, "store", "--flag").bounded

    plain = "postgresql+psycopg://me:p%40ss@host/d"
    assert bounded(plain).startswith(f"{plain}?connect_timeout=10&tcp_user_timeout=8000&keepalives_idle=5")
    own = f"{plain}?tcp_user_timeout=1&application_name=x"
    assert bounded(own).startswith(f"{own}&connect_timeout=10&keepalives_idle")
    assert bounded(own).count("tcp_user_timeout") == 1
    for address in ("sqlite:////tmp/x.db", "mysql+pymysql://me@host/d", "postgresql+pg8000://me@host/d"):
        assert bounded(address) == address


@pytest.mark.parametrize("opener", OPENERS)
@pytest.mark.parametrize(
    ("address", "complaint"),
    [
        ("postgres://me:secret@host/d", r"did you mean 'postgresql\+psycopg'"),
        ("postgresql+nix://me:secret@host/d", r"did you mean 'postgresql\+psycopg'"),
        ("postgresql+psycopg://me:secret@host:port/d", r"write postgresql\+psycopg://USER:PASSWORD@HOST"),
        ("postgresql+psycopg:/me:secret@host/d", r"write postgresql\+psycopg://USER:PASSWORD@HOST"),
        ("postgresql+psycopg://me:top@secret@host/d", "write %40"),
        ("postgresql+psycopg://me:top@/secret@host/d", "write %40"),
    ],
)
def test_malformed(opener: Callable[[str], Any], address: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint) as caught:
        opener(address)
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("opener", OPENERS)
def test_a_driver_that_is_not_installed(opener: Callable[[str], Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(Unavailable, match=r'psycopg is not installed: pip install "bifair-harness\[postgresql\]"'):
        opener("postgresql+psycopg://me:secret@127.0.0.1:9/d")


@pytest.mark.parametrize("opener", OPENERS)
def test_a_server_that_nobody_runs(opener: Callable[[str], Any], missing: Callable[[str], NoReturn]) -> None:
    if importlib.util.find_spec("psycopg") is None:
        missing("the extra 'postgresql' is not installed")
    with pytest.raises(Unavailable, match=r"refused; is the server running.*another one: --") as caught:
        opener("postgresql+psycopg://me:secret@127.0.0.1:9/d")
    assert "secret" not in str(caught.value)


def test_trials_and_runs_do_not_share_a_database(tmp_path: Path) -> None:
    runs, trials = f"sqlite:///{tmp_path}/runs.db", f"sqlite:///{tmp_path}/trials.db"
    with pytest.raises(BadInput, match="trials need one of their own"):
        check_storage(runs, runs)
    assert not (tmp_path / "runs.db").exists()
    open_tracker(runs).start("a", {}, {}).end("FINISHED")
    with pytest.raises(BadInput, match="trials need one of their own"):
        check_storage(runs)
    check_storage(trials)
    check_storage(trials)
    with pytest.raises(Unavailable, match="of something else"):
        open_tracker(trials)


@pytest.mark.parametrize("name", ["main", "tune"])
def test_a_study_of_either_kind_finds_it_before_anything_is_recorded(name: str) -> None:
    tracker = MemoryTracker()
    tree = {} if name == "main" else {"method": "bifair"}
    with pytest.raises(BadInput, match="Optuna storage"):
        run_study(
            study_name(name),
            load_study(name),
            tree,
            Context(tracker=tracker, observer=Observer(), storage="postgres://me:secret@host/d"),
        )
    assert not tracker.runs


def test_a_database_that_breaks_under_way_is_one_line_and_its_connections_are_closed(tmp_path: Path) -> None:
    file = tmp_path / "trials.db"
    opened: list[object] = []
    closed: list[object] = []
    events = {
        "connect": lambda connection, *_: opened.append(connection),
        "close": lambda connection, *_: closed.append(connection),
    }

    def search() -> None:
        with SearchStorage("s", ["maximize"], url=f"sqlite:///{file}") as kept:
            assert kept.trials() == []
            with closing(sqlite3.connect(file)) as database:
                database.execute("DROP TABLE trials")
                database.commit()
            kept.optuna.ask()

    for name, noted in events.items():
        event.listen(Pool, name, noted)
    try:
        with pytest.raises(
            HarnessError, match=r"Optuna storage .* failed: .*no such table: trials; the same command goes on"
        ) as caught:
            search()
    finally:
        for name, noted in events.items():
            event.remove(Pool, name, noted)
    assert "SELECT" not in str(caught.value)
    assert opened
    assert len(closed) == len(opened)

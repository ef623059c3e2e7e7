"""A study whose trials and runs are kept by a PostgreSQL server ends like one on SQLite."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from threading import Barrier, Thread
from typing import Any, NoReturn
from urllib.parse import quote

import pytest

from harness.base.errors import BadInput, HarnessError, Unavailable
from harness.study.trial_storage import check_storage
from harness.track import open_tracker

USER, PASSWORD = "tester", "p@ss:w/rd%?"
START_SECONDS = 300
Missing = Callable[[str], NoReturn]

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server on this machine."""

    port: int

    def address(self, database: str, password: str = PASSWORD, user: str = USER) -> str:
        return f"postgresql+psycopg://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def ask(self, statement: str, database: str = "postgres") -> Any:
        import psycopg

        with psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname=database, autocommit=True
        ) as connection:
            cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else None

    def fresh(self, database: str) -> str:
        """The address of a new, empty database."""
        self.ask(f'CREATE DATABASE "{database}"')
        return self.address(database)


@pytest.fixture(scope="module")
def server(missing: Missing) -> Iterator[Server]:
    """A server on a free port, in a temporary folder, of another user where this one is root (it refuses to be)."""
    if importlib.util.find_spec("psycopg") is None:
        missing("the extra 'postgresql' is not installed")
    initdb, postgres = (_program(name, missing) for name in ("initdb", "postgres"))
    account = _account(missing)
    with tempfile.TemporaryDirectory(prefix="pg", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "password").write_text(PASSWORD)
        for path in (folder, folder / "password"):
            shutil.chown(path, *account.values()) if account else None
        how = ["--username", USER, "--auth", "scram-sha-256", "--pwfile", str(folder / "password"), "--no-sync"]
        made = subprocess.run(
            [initdb, "-D", str(folder / "data"), "--encoding", "UTF8", "--no-locale", *how],
            **account,
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            missing(f"no PostgreSQL server can be made here: {made.stderr.strip()}")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        listening = ["-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [postgres, "-D", str(folder / "data"), *listening], **account, cwd=folder, stderr=log
            )
        try:
            _until_up(Server(port), process, folder / "log")
            yield Server(port)
        finally:
            process.send_signal(signal.SIGINT)  # SIGTERM would wait for clients that keep a connection
            process.wait()


def _program(name: str, missing: Missing) -> str:
    """A program of the server, which Debian keeps outside PATH."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(beside[-1]) if beside else None)
    if found is None:
        missing(f"there is no PostgreSQL server here: no {name}")
    return str(Path(found).resolve())


def _account(missing: Missing) -> dict[str, Any]:
    """Whom the server runs as."""
    import pwd

    if os.geteuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        missing("a PostgreSQL server does not run as root, and there is no user postgres")
    return {"user": entry.pw_uid, "group": entry.pw_gid}


def _until_up(server: Server, process: "subprocess.Popen[bytes]", log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            server.ask("SELECT 1")
            return
        except psycopg.OperationalError:
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.1)


@pytest.fixture(scope="module")
def runs_store(server: Server) -> str:
    """A database for runs; its tables take seconds to make, so that tests share it, with an experiment each."""
    return server.fresh("runs")


@pytest.fixture(scope="module")
def on_sqlite(server: Server, tuned_study_of_module: Callable[..., Any]) -> list[dict[str, Any]]:
    """What the study finds with both stores in SQLite."""
    study = tuned_study_of_module("sqlite", seeds=[0])
    study.finish()
    return study.records()  # type: ignore[no-any-return]


def check_runs(study: Any) -> None:
    asked = [(run.tags["spec"], run.tags["evaluated"]) for run in study.runs()]
    assert len(asked) == len(set(asked)) == 2 * 3 + 1 + 2, "every run is there once"
    assert {run.status for run in study.runs()} == {"FINISHED"}


def test_killed_and_gone_on_with(
    server: Server, runs_store: str, on_sqlite: list[dict[str, Any]], tuned_study: Callable[..., Any]
) -> None:
    options = ("--storage", server.fresh("trials"))
    study = tuned_study("postgresql", seeds=[0], store=runs_store, experiment="killed", options=options)
    study.kill_after(lines=4, seconds=0.3)  # among the trials of the second method
    said = study.finish()
    assert study.records() == on_sqlite
    check_runs(study)
    assert PASSWORD not in said
    assert quote(PASSWORD, safe="") not in said
    trials = server.ask("SELECT study_name, number, state FROM trials JOIN studies USING (study_id)", "trials")
    assert sorted((name.split("-")[1], number) for name, number, _ in trials) == [
        (method, number) for method in ("alpharec", "joint") for number in range(3)
    ]
    assert {state for _, _, state in trials} == {"COMPLETE"}


def test_two_processes_at_once(
    server: Server, runs_store: str, on_sqlite: list[dict[str, Any]], tuned_study: Callable[..., Any]
) -> None:
    options = ("--storage", server.fresh("trials of two"), "--jobs", "2")
    study = tuned_study("two", seeds=[0], store=runs_store, experiment="two", options=options)
    said = study.finish()
    assert "failed" not in said
    assert study.records() == on_sqlite
    check_runs(study)


def test_runs_that_log_the_same_data_at_once(runs_store: str) -> None:
    tracker = open_tracker(runs_store, "at once")
    runs = [tracker.start(f"run {n}", {}, {}) for n in range(4)]
    barrier, failures = Barrier(len(runs)), []

    def log(run: Any) -> None:
        for digest in ("a", "b", "c"):
            barrier.wait()
            try:
                run.log_dataset("data", digest, "local", "training", {})
            except HarnessError as error:
                failures.append(error)

    threads = [Thread(target=log, args=(run,)) for run in runs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_what_the_server_refuses_is_one_line(server: Server, runs_store: str) -> None:
    open_tracker(runs_store, "refusals")
    check_storage(server.fresh("trials only"))
    server.ask("CREATE DATABASE foreign_one")
    server.ask("CREATE USER guest PASSWORD 'guest'")
    guest = server.address("foreign_one", "guest", "guest")
    refused: list[tuple[Callable[[str], Any], str, type[HarnessError], str]] = [
        (check_storage, server.address("runs", "wrong secret"), Unavailable, "password authentication failed"),
        (open_tracker, server.address("runs", "wrong secret"), Unavailable, "password authentication failed"),
        (check_storage, server.address("nowhere"), Unavailable, '"nowhere" does not exist; create it'),
        (open_tracker, server.address("nowhere"), Unavailable, '"nowhere" does not exist; create it'),
        (check_storage, runs_store, BadInput, "database of something else"),
        (open_tracker, server.address("trials only"), Unavailable, "database of something else"),
        (check_storage, guest, Unavailable, "permission denied for schema"),
        (open_tracker, guest, Unavailable, "permission denied for schema"),
    ]
    for call, address, kind, reason in refused:
        with pytest.raises(kind) as caught:
            call(address)
        message = str(caught.value)
        assert reason in message
        assert "\n" not in message
        assert not {"secret", quote(PASSWORD, safe=""), PASSWORD} & set(message.replace("@", ":").split(":"))

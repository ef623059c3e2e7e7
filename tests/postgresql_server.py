"""A PostgreSQL server of one's own, for tests and benchmarks."""

import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

USER, PASSWORD = "tester", "p@ss:w/rd%?"
START_SECONDS = 300


class NoServer(Exception):
    """There can be none on this machine; the message says why."""


@dataclass(frozen=True)
class PostgresqlServer:
    """A PostgreSQL server on this machine."""

    port: int

    def address(self, database: str, password: str = PASSWORD, user: str = USER) -> str:
        return f"postgresql+psycopg://{user}:{quote(password, safe='')}@127.0.0.1:{self.port}/{database}"

    def ask(self, statement: str, database: str = "postgres", parameters: Any = None) -> Any:
        import psycopg

        with psycopg.connect(
            host="127.0.0.1", port=self.port, user=USER, password=PASSWORD, dbname=database, autocommit=True
        ) as connection:
            cursor = connection.execute(statement, parameters)
            return cursor.fetchall() if cursor.description else None

    def fresh(self, database: str) -> str:
        """The address of a new, empty database."""
        self.ask(f'CREATE DATABASE "{database}"')
        return self.address(database)


@contextmanager
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A server on a free port, in a temporary folder, of another user where this one is root (it refuses to be).

    Raises:
        NoServer: without the driver, the programs, or somebody to run it.
    """
    if importlib.util.find_spec("psycopg") is None:
        raise NoServer("the extra 'postgresql' is not installed")
    initdb, postgres = map(_program, ("initdb", "postgres"))
    account = _account()
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
            raise NoServer(f"no PostgreSQL server can be made here: {made.stderr.strip()}")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        listening = ["-p", str(port), "-k", str(folder), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"]
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [postgres, "-D", str(folder / "data"), *listening], **account, cwd=folder, stderr=log
            )
        try:
            _until_up(PostgresqlServer(port), process, folder / "log")
            yield PostgresqlServer(port)
        finally:
            process.send_signal(signal.SIGINT)  # SIGTERM would wait for clients that keep a connection
            process.wait()


def _program(name: str) -> str:
    """A program of the server, which Debian keeps outside PATH."""
    beside = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))
    found = shutil.which(name) or (str(beside[-1]) if beside else None)
    if found is None:
        raise NoServer(f"there is no PostgreSQL server here: no {name}")
    return str(Path(found).resolve())


def _account() -> dict[str, Any]:
    """Whom the server runs as."""
    import pwd

    if os.geteuid() != 0:
        return {}
    try:
        entry = pwd.getpwnam("postgres")
    except KeyError:
        raise NoServer("a PostgreSQL server does not run as root, and there is no user postgres") from None
    return {"user": entry.pw_uid, "group": entry.pw_gid}


def _until_up(server: PostgresqlServer, process: "subprocess.Popen[bytes]", log: Path) -> None:
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

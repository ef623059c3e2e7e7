"""Databases of a store, asked beneath it: how they find runs, what they read for it, and made full of copies."""

import hashlib
import shutil
import sqlite3
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from harness.track.spec_index import INDEX
from tests.postgresql_server import PostgresqlServer

COLUMNS = "name, source_type, user_id, status, end_time, lifecycle_stage, artifact_uri, experiment_id"


@dataclass(frozen=True)
class Plan:
    """By which indexes runs are found, and how much is read."""

    by: str
    read: int


class Database(ABC):
    """One of them.

    Attributes:
        kind: what people call it
        unit: what :attr:`Plan.read` counts
        address: of the store
    """

    kind: str
    unit: str
    address: str

    @abstractmethod
    def ask(self, statement: str) -> Any:
        """The rows of the answer."""

    @abstractmethod
    def plan(self, statement: str, parameters: Any) -> Plan:
        """How a statement is carried out; it is."""

    @abstractmethod
    def snapshot(self, name: str) -> "Database":
        """A copy as it is now, under another name. Whoever is connected to this one has to connect again."""

    def without_index(self) -> None:
        """Remove the index of specs."""
        self.ask(f"DROP INDEX {INDEX}")

    def copy(self, before: int, after: int) -> None:
        """From ``before`` runs to ``after``: one run's row and tags, older than all others, each under its own spec."""
        number = f"WITH RECURSIVE n(n) AS (SELECT {before + 1} UNION ALL SELECT n + 1 FROM n WHERE n < {after})"
        one = "n WHERE run_uuid = (SELECT run_uuid FROM tags WHERE key = 'spec' LIMIT 1)"
        values = f"md5('run ' || n.n), start_time - n.n, {COLUMNS}"
        self.ask(f"INSERT INTO runs (run_uuid, start_time, {COLUMNS}) {number} SELECT {values} FROM runs, {one}")
        values = "md5('run ' || n.n), key, CASE key WHEN 'spec' THEN md5('spec ' || n.n) ELSE value END"
        self.ask(f"INSERT INTO tags (run_uuid, key, value) {number} SELECT {values} FROM tags, {one}")


class OnPostgresql(Database):
    """A database of a server."""

    kind, unit = "PostgreSQL", "rows"

    def __init__(self, server: PostgresqlServer, name: str) -> None:
        self._server, self._name = server, name
        self.address = server.address(name)

    def snapshot(self, name: str) -> Database:
        self._server.ask(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self._name}'")
        self._server.ask(f"CREATE DATABASE {name} TEMPLATE {self._name}")
        return OnPostgresql(self._server, name)

    def ask(self, statement: str) -> Any:
        return self._server.ask(statement, self._name)

    def plan(self, statement: str, parameters: Any) -> Plan:
        answer = self._server.ask(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", self._name, parameters)
        nodes = list(_nodes(answer[0][0][0]["Plan"]))
        found = [node for node in nodes if "Relation Name" in node]
        read = sum(
            (node["Actual Rows"] + node.get("Rows Removed by Filter", 0)) * node["Actual Loops"] for node in found
        )
        return Plan(_listed(node["Index Name"] for node in nodes if "Index Name" in node), round(read))


class OnSqlite(Database):
    """A database in a file."""

    kind, unit = "SQLite", "steps of its machine"

    def __init__(self, file: Path) -> None:
        self._file = file
        self.address = f"sqlite:///{file}"

    def snapshot(self, name: str) -> Database:
        return OnSqlite(Path(shutil.copy2(self._file, self._file.with_name(f"{name}.db"))))

    def ask(self, statement: str) -> Any:
        with closing(sqlite3.connect(self._file)) as database, database:
            database.create_function("md5", 1, lambda text: hashlib.md5(text.encode()).hexdigest())
            return database.execute(statement).fetchall()

    def plan(self, statement: str, parameters: Any) -> Plan:
        steps = 0

        def step() -> int:
            nonlocal steps
            steps += 1
            return 0

        with closing(sqlite3.connect(self._file)) as database:
            lines = [line[-1] for line in database.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            database.set_progress_handler(step, 1)
            database.execute(statement, parameters).fetchall()
        return Plan(_listed(line.split("INDEX ")[1].split(" ")[0] for line in lines if "INDEX " in line), steps)


def _nodes(plan: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from _nodes(part)


def _listed(indexes: Iterator[str]) -> str:
    return ", ".join(dict.fromkeys(indexes)) or "none"

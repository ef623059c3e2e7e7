"""What a store has recorded, read from its SQLite file itself: MLflow's client takes seconds to import for the same.

Only reading, and only tables that are as the installed MLflow would make them; everything else is its client's.
"""

import sqlite3
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager
from math import nan
from pathlib import Path
from typing import Any

from harness.track.mlflow_schema import newest_schema
from harness.track.protocol import RecordedRun
from harness.track.records import Histories, Records, Wanted, histories_of
from harness.track.spec_index import SPEC_TAG
from harness.track.sqlite_file import WAIT_SECONDS, schema_of

WORKSPACE = "workspace"
"""A column that older versions of the table do not have."""
_TAGGED = "EXISTS (SELECT 1 FROM tags WHERE run_uuid = runs.run_uuid AND key = ? AND value = ?)"
_OF_RUN = "SELECT key, {value} FROM {table} WHERE run_uuid = ?"
_VALUE = "CASE WHEN is_nan THEN NULL ELSE value END"


class FileRecords(Records):
    """As :class:`harness.track.records.Records` promises.

    Args:
        file: of a database that :func:`is_readable`
    """

    def __init__(self, file: Path, name: str, where: str) -> None:
        super().__init__(name, where)
        self._file = file

    def _look_up(self) -> tuple[str, str] | None:
        with self._opened() as database:
            database.row_factory = sqlite3.Row
            for row in database.execute("SELECT * FROM experiments WHERE name = ?", (self._name,)):
                if WORKSPACE not in row.keys() or row[WORKSPACE] == "default":  # noqa: SIM118 - rows are no mappings
                    return str(row["experiment_id"]), row["lifecycle_stage"]
        return None

    def search(self, wanted: Wanted) -> Iterator[RecordedRun]:
        if (experiment := self.experiment) is not None:
            for (run_id,) in self._rows(*question(wanted, experiment)):
                if (run := self.get(run_id)) is not None:
                    yield run

    def called(self, text: str) -> list[str]:
        if (experiment := self.experiment) is None:
            return []
        asked = (("name = ?", [text]), ("substr(run_uuid, 1, ?) = ?", [len(text), text]))
        found = [self._rows(*_question([condition], values, experiment)) for condition, values in asked]
        return list(dict.fromkeys(run_id for rows in found for (run_id,) in rows))

    def get(self, run_id: str) -> RecordedRun | None:
        with self._opened() as database:
            database.execute("BEGIN")  # what is read below belongs together
            asked = "SELECT status FROM runs WHERE run_uuid = ? AND lifecycle_stage = 'active'"
            if (row := database.execute(asked, (run_id,)).fetchone()) is None:
                return None
            tags = database.execute(_OF_RUN.format(value="value", table="tags"), (run_id,)).fetchall()
            metrics = database.execute(_OF_RUN.format(value=_VALUE, table="latest_metrics"), (run_id,)).fetchall()
        return RecordedRun(run_id, row[0], {key: _number(value) for key, value in metrics}, dict(tags))

    def artifacts(self, run_id: str) -> str:
        return str(self._rows("SELECT artifact_uri FROM runs WHERE run_uuid = ?", [run_id])[0][0])

    def histories(self, run: RecordedRun, keys: Collection[str]) -> tuple[Histories, bool]:
        asked = f"SELECT key, step, {_VALUE} FROM metrics WHERE run_uuid = ? ORDER BY step, timestamp"
        rows = [(key, step, _number(value)) for key, step, value in self._rows(asked, [run.id])]
        return histories_of(rows, keys, run.tags)

    def _rows(self, asked: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        with self._opened() as database:
            return database.execute(asked, values).fetchall()

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        address = f"{self._file.as_uri()}?mode=rw"  # one that has gone is not made anew
        with closing(sqlite3.connect(address, timeout=WAIT_SECONDS, isolation_level=None, uri=True)) as database:
            yield database


def is_readable(file: Path) -> bool:
    """Whether a database's tables are those that the installed MLflow makes, so that they need not be changed."""
    version = schema_of(file)
    return version is not None and version == newest_schema()


def question(wanted: Wanted, experiment: str) -> tuple[str, list[Any]]:
    """What SQLite is asked for the ids of runs, with its values."""
    conditions, values = [], []
    if wanted.status is not None:
        conditions.append("status = ?")
        values.append(wanted.status)
    for key, value in wanted.tags.items():
        if key == SPEC_TAG:  # written out, else SQLite does not see that there is an index of this tag
            conditions.append(f"run_uuid IN (SELECT run_uuid FROM tags WHERE key = '{SPEC_TAG}' AND value = ?)")
            values.append(value)
        else:
            conditions.append(_TAGGED)
            values += [key, value]
    return _question(conditions, values, experiment, wanted.newest_first)


def _question(
    conditions: Sequence[str], values: Sequence[Any], experiment: str, newest_first: bool = True
) -> tuple[str, list[Any]]:
    """The experiment's runs under all conditions, in MLflow's order: by the time of their start, then by id."""
    where = " AND ".join(["experiment_id = ?", "lifecycle_stage = 'active'", *conditions])
    order = f"start_time {'DESC' if newest_first else 'ASC'}, run_uuid"
    return f"SELECT run_uuid FROM runs WHERE {where} ORDER BY {order}", [int(experiment), *values]


def _number(value: float | None) -> float:
    return nan if value is None else value

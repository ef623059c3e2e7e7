"""What a study has measured, as plain tables: one row per run. Reports are made of these and of nothing else.

Three Parquet files and one of JSON, with their checksums, small enough to be committed and shared, hold all of it;
whoever has the folder can make the report again without a tracking store and without training anything.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from harness.base.checksums import SUMS_FILE, disagreeing, sums_of
from harness.base.errors import BadInput, one_line
from harness.base.sealed import together
from harness.base.writable import written_into
from harness.spec.spec_view import SpecView
from harness.study.arm import Arm
from harness.study.points import GridPoint
from harness.study.status import Status, status_of

if TYPE_CHECKING:
    import polars as pl

Stage = Literal["compare", "curve", "trial"]
STUDY_FILE, RUNS_FILE, METRICS_FILE, CURVES_FILE = "study.json", "runs.parquet", "metrics.parquet", "curves.parquet"
FILES = (STUDY_FILE, RUNS_FILE, METRICS_FILE, CURVES_FILE)
_AS_JSON = ("point", "params", "spec", "tags")


@dataclass(frozen=True)
class Record:
    """One run of a study, finished or failed.

    Attributes:
        stage: ``compare`` (measured on test), ``curve`` (validation, one key varied) or ``trial`` (validation, of a
            search or of a method's tuning)
        variant: what tables call the method
        method: its registered name
        rule: the selection rule that kept its epoch
        seed: of the run
        point: what the study varies beside methods and seeds, by dotted key
        number: a trial's number in its search, from 0
        params: what a search or a curve varied, or tuning chose, by dotted key
        run: id in the tracking store; empty where the run never began
        failure: why it was not measured, in one line; empty where it was
        metrics: last values by key: ``validation/…``, ``test/…``, ``training_seconds``, …
        tags: hashes, versions, machine and signatures of failure, as recorded
        spec: everything that defines the run
    """

    stage: Stage
    variant: str
    method: str
    rule: str
    seed: int
    point: Mapping[str, Any] = field(default_factory=dict)
    number: int | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    run: str = ""
    failure: str = ""
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    spec: Mapping[str, Any] = field(default_factory=dict)

    @property
    def arm(self) -> Arm:
        """What it is a run of."""
        return Arm(self.variant, self.method, self.rule, GridPoint(values=self.point))

    @property
    def view(self) -> SpecView:
        """What the spec says."""
        return SpecView(self.spec)

    @property
    def status(self) -> Status:
        """What became of it."""
        return status_of(self.failure, self.tags)

    @property
    def finished(self) -> bool:
        """Whether it has been measured."""
        return self.status in (Status.FINISHED, Status.UNQUALIFIED)

    @property
    def qualifies(self) -> bool:
        """Whether no selection rule has found nothing: no epoch, or no trial where it was tuned."""
        return self.status not in (Status.UNQUALIFIED, Status.NONE_QUALIFIES)

    @property
    def settled(self) -> bool:
        """Whether there is nothing left to do: it has been measured, was stopped, or there was nothing to measure."""
        return self.status is not Status.FAILED


@dataclass(frozen=True)
class CurvePoint:
    """One value of one metric of one run at one epoch."""

    run: str
    key: str
    step: int
    value: float


@dataclass(frozen=True)
class Records:
    """All that a study has measured.

    Attributes:
        study: its name
        budget: which of its budgets
        declared: the study's file, as a tree
        runs: one record per run, in the order of the study's plan
        curves: values by epoch of the runs that figures show
        parent: id of the study's run in the tracking store
        ended: when the study came to its end: a time or a day, in ISO 8601; empty where an earlier version ran it
    """

    study: str
    budget: str
    declared: Mapping[str, Any]
    runs: tuple[Record, ...]
    curves: tuple[CurvePoint, ...] = ()
    parent: str = ""
    ended: str = ""

    def stage(self, stage: Stage) -> tuple[Record, ...]:
        """The records of one stage."""
        return tuple(record for record in self.runs if record.stage == stage)


def write_records(records: Records, folder: Path) -> None:
    """Write ``records`` into ``folder``, which is made where it is missing.

    Raises:
        BadInput: where it cannot be written.
    """
    import polars as pl

    head = {"study": records.study, "budget": records.budget, "parent": records.parent, "declared": records.declared}
    if records.ended:
        head["ended"] = records.ended
    metrics = [
        (number, key, float(value))
        for number, record in enumerate(records.runs)
        for key, value in record.metrics.items()
    ]
    of_metrics = {"row": pl.Int64, "key": pl.String, "value": pl.Float64}
    points = [(point.run, point.key, point.step, point.value) for point in records.curves]
    of_points = {"run": pl.String, "key": pl.String, "step": pl.Int64, "value": pl.Float64}
    with written_into(folder), together() as new:
        files = {name: new(folder / name) for name in FILES}
        files[STUDY_FILE].write_text(json.dumps(head, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
        _runs(records.runs).write_parquet(files[RUNS_FILE])
        pl.DataFrame(metrics, schema=of_metrics, orient="row").write_parquet(files[METRICS_FILE])
        pl.DataFrame(points, schema=of_points, orient="row").write_parquet(files[CURVES_FILE])
        new(folder / SUMS_FILE).write_text(sums_of(files), encoding="utf-8", newline="\n")


def read_records(folder: Path) -> Records:
    """What :func:`write_records` wrote.

    Raises:
        BadInput: where the folder does not hold a study's records.
    """
    import polars as pl

    for name in FILES:
        if not (folder / name).is_file():
            raise BadInput(f"{folder} does not hold a study's records: {name} is missing")
    if wrong := disagreeing(folder, FILES):
        raise BadInput(
            f"{folder} does not hold a study's records: {', '.join(wrong)} is damaged, as {SUMS_FILE} beside it says; "
            "export the study again"
        )
    try:
        head = json.loads((folder / STUDY_FILE).read_text(encoding="utf-8"))
        rows = pl.read_parquet(folder / RUNS_FILE).to_dicts()
        metrics: list[dict[str, float]] = [{} for _ in rows]
        for row, key, value in pl.read_parquet(folder / METRICS_FILE).iter_rows():
            metrics[row][key] = value
        runs = tuple(_record(row, values) for row, values in zip(rows, metrics, strict=True))
        curves = tuple(CurvePoint(*row) for row in pl.read_parquet(folder / CURVES_FILE).iter_rows())
        ended = head.get("ended", "")
        return Records(head["study"], head["budget"], head["declared"], runs, curves, head["parent"], ended)
    except (ValueError, KeyError, TypeError, IndexError, pl.exceptions.PolarsError) as error:
        raise BadInput(f"{folder} does not hold a study's records: {one_line(error)[:200]}") from None


def _runs(runs: Sequence[Record]) -> "pl.DataFrame":
    import polars as pl

    columns: dict[str, Any] = {
        "stage": pl.String, "variant": pl.String, "method": pl.String, "rule": pl.String, "seed": pl.Int64,
        "point": pl.String, "number": pl.Int64, "params": pl.String, "run": pl.String, "failure": pl.String,
        "tags": pl.String, "spec": pl.String,
    }  # fmt: skip
    rows = [[_written(record, name) for name in columns] for record in runs]
    return pl.DataFrame(rows, schema=columns, orient="row")


def _written(record: Record, name: str) -> Any:
    value = getattr(record, name)
    return json.dumps(value, ensure_ascii=False) if name in _AS_JSON else value


def _record(row: Mapping[str, Any], metrics: Mapping[str, float]) -> Record:
    values = {key: json.loads(value) if key in _AS_JSON else value for key, value in row.items()}
    return Record(**values, metrics=metrics)

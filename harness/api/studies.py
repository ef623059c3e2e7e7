"""Studies: many runs, tables of them, and a report."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import Field

from harness.api.asked import path_of, text_of
from harness.api.finished_run import BY_EPOCH
from harness.api.metric_table import Measured, metric_rows
from harness.api.session import opened, session
from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.base.trees import as_assigned
from harness.domain.metric_key import MetricKey
from harness.plugins.configured import validated
from harness.publish.report_again import records_of, report_again
from harness.publish.run_study import run_study as carry_out
from harness.report.writers import HTML_FILE
from harness.study.archive import Archive
from harness.study.limits import MOST_JOBS, MOST_SEEDS, MOST_TRIALS
from harness.study.records import Record, Records, read_records
from harness.study.runner import Overwrite
from harness.study.study_files import study_name
from harness.study.study_spec import BudgetName
from harness.study.study_spec import load_study as declaration_of

if TYPE_CHECKING:
    import polars as pl
    from distributed import Client

Path_ = str | PathLike[str]
_OF_RUNS = ("stage", "variant", "method", "rule", "seed", "number", "run", "failure")


class HowMuch(Frozen):
    """How much of a study is run, and how."""

    budget: BudgetName = "default"
    seeds: int | None = Field(None, ge=1, le=MOST_SEEDS)
    trials: int | None = Field(None, ge=1, le=MOST_TRIALS)
    jobs: int = Field(1, ge=1, le=MOST_JOBS)
    overwrite: Overwrite = "only-missing"


@dataclass(frozen=True, eq=False, repr=False)
class Study:
    """What a study has measured.

    Attributes:
        records: every run with its metrics, as the engine has it

    >>> import harness as h
    >>> _ = open("tiny.toml", "w").write('''
    ... summary = "two methods"
    ... methods = ["random", "most_popular"]
    ... baseline = "random"
    ... selections = ["best_ndcg"]
    ... [base]
    ... dataset = "long-tail"
    ... "dataset_options.n_users" = 60
    ... "dataset_options.n_items" = 60
    ... "dataset_options.n_groups" = 3
    ... [budgets.smoke]
    ... seeds = [0]
    ... ''')
    >>> study = h.run_study("tiny.toml", budget="smoke")
    >>> study.to_frame().filter(split="test", metric="ndcg", k=20)["method"].to_list()
    ['random', 'most_popular']
    >>> study.report("report").name
    'report.html'
    """

    records: Records

    @property
    def id(self) -> str:
        """Of the study's own run in the tracking store."""
        return self.records.parent

    def to_frame(self) -> "pl.DataFrame":
        """A row per run and metric.

        Columns: of the run ``stage`` (``compare``, ``curve`` or ``trial``), ``variant``, ``method``, ``rule``,
        ``seed``, ``number``, ``run``, ``failure``; a column for each key that the study varies; of the metric
        ``split``, ``grouping``, ``metric``, ``k``, ``label``, ``value``. A run that failed has one row, without a
        metric.
        """
        import polars as pl

        runs = self.records.runs
        rows = [_measured(record) or [None] for record in runs]
        once = pl.DataFrame([*_about(runs), pl.Series("rows", [list(range(len(found))) for found in rows])])
        return once.explode("rows").drop("rows").hstack(metric_rows(row for found in rows for row in found))

    def report(self, folder: Path_) -> Path:
        """Write the report into ``folder``: HTML, Markdown, LaTeX, CSV, Parquet, PNG, SVG; answers the page."""
        return report_again(self.records, path_of(folder, "report")) / HTML_FILE

    def __repr__(self) -> str:
        runs = self.records.runs
        finished = sum(record.finished for record in runs)
        return f"Study({self.records.study}, budget {self.records.budget}, {finished} of {len(runs)} runs finished)"


def run_study(
    study: Path_,
    *,
    budget: BudgetName = "default",
    seeds: int | None = None,
    trials: int | None = None,
    jobs: int = 1,
    cluster: Path_ | None = None,
    client: "Client | None" = None,
    overwrite: Overwrite = "only-missing",
    storage: str | None = None,
    archive: Path_ | None = None,
    data: Path_ | None = None,
    offline: bool = False,
    tracking_uri: str | None = None,
    keep_models: bool = True,
    verbose: bool = False,
    **spec: Any,
) -> Study:
    """Run a study, or go on with it where it stopped.

    Args:
        study: its name, or the path of its TOML file
        budget: how much of it
        seeds: how many (0, 1, …), instead of the budget's
        trials: of each method's tuning, or of the search, instead of the budget's
        jobs: runs at once, each in a process of its own
        cluster: whose workers make the runs: the address of Dask's scheduler, or a TOML file of a queue's jobs
        client: of a Dask cluster of your own, in place of an address; it stays open
        overwrite: runs on record are kept whatever code made them, kept where code agrees, or made anew
        storage: URL of Optuna's database; unset: SQLite in the home folder
        archive: a folder of exported records: runs that are in them are not made again
        keep_models: runs that are measured on test data keep what they have learnt
        data, offline, tracking_uri, verbose: as for :func:`harness.run`
        spec: keys of the run's spec that hold for all runs: ``method="bifair"``, ``training={"max_epochs": 5}``

    Raises:
        BadInput: for anything wrong with what is asked, before the first run.
        HarnessError: where no run has come to its end.

    >>> import harness as h
    >>> shop = dict(dataset="long-tail", dataset_options={"n_users": 60, "n_items": 60, "n_groups": 3})
    >>> h.run_study("methods", method="random", budget="smoke", **shop)
    Study(methods, budget smoke, 1 of 1 runs finished)
    """
    name = str(path_of(study, "study"))
    loaded = declaration_of(name)
    much = {"budget": budget, "seeds": seeds, "trials": trials, "jobs": jobs, "overwrite": overwrite}
    asked = validated(HowMuch, much, "")
    kept = Archive() if archive is None else Archive.of(read_records(path_of(archive, "archive")))
    with session(
        store=tracking_uri, data=data, offline=offline, storage=storage, keep_models=keep_models, verbose=verbose
    ) as here:
        done = carry_out(
            study_name(name),
            loaded,
            spec,
            here,
            budget=asked.budget,
            seeds=asked.seeds,
            trials=asked.trials,
            jobs=asked.jobs,
            cluster=_cluster(cluster, client),
            overwrite=asked.overwrite,
            archive=kept,
        )
    return Study(done.records)


def _cluster(cluster: Path_ | None, client: "Client | None") -> "str | Client | None":
    if cluster is not None and client is not None:
        raise BadInput("cluster= and client= both say whose workers make the runs: give one of them")
    if cluster is None:
        return client
    return text_of(os.fspath(cluster) if isinstance(cluster, PathLike) else cluster, "cluster")


def load_study(study: Path_, *, budget: BudgetName | None = None, tracking_uri: str | None = None) -> Study:
    """What a study has measured that ran before, wherever it was started from.

    Args:
        study: its name, the path of its file, or a folder of records that ``harness export`` wrote
        budget: which one; unset: the one that ended last
        tracking_uri: the MLflow store; unset: ``MLFLOW_TRACKING_URI``, else the one in the home folder

    Raises:
        BadInput: where there is no such study, or it has not ended yet.

    >>> import harness as h
    >>> shop = dict(dataset="long-tail", dataset_options={"n_users": 60, "n_items": 60, "n_groups": 3})
    >>> study = h.run_study("methods", method="random", budget="smoke", **shop)
    >>> h.load_study("methods").id == study.id
    True
    """
    which = None if budget is None else validated(HowMuch, {"budget": budget}, "").budget
    records, _ = records_of(str(path_of(study, "study")), which, lambda: opened(tracking_uri))
    return Study(records)


def _measured(record: Record) -> list[Measured | None]:
    """A run's metrics but those that have a value at every epoch."""
    keys = {MetricKey.parse(key): value for key, value in record.metrics.items()}
    return [(key, value) for key, value in keys.items() if key.split not in BY_EPOCH]


def _about(records: Sequence[Record]) -> Iterator["pl.Series"]:
    """Columns about runs: what every run has, and the keys that the study varies."""
    import polars as pl

    for name in _OF_RUNS:
        values = [getattr(record, name) for record in records]
        yield pl.Series(name, values, dtype=pl.Int64 if name in ("seed", "number") else pl.String)
    varied = [{**record.point, **record.params} for record in records]
    for key in dict.fromkeys(key for point in varied for key in point):
        values = [point.get(key) for point in varied]
        plain = all(value is None or isinstance(value, (int, float)) for value in values)
        shown = values if plain else [None if value is None else as_assigned(value) for value in values]
        yield pl.Series(f"spec.{key}" if key in _OF_RUNS else key, shown, strict=False)

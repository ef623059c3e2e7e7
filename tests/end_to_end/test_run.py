"""Runs and studies on real MovieLens-100K, two epochs each: what they leave behind, and that they do it again."""

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl
import pytest

from harness.base.errors import BadInput, HarnessError
from harness.publish.run_study import run_study
from harness.publish.study_report import StudyResult
from harness.runs.context import Context
from harness.runs.on_record import RunResult
from harness.runs.run import run
from harness.spec.build import build_spec
from harness.study.execute.executor import Executor, OnRecord
from harness.study.execute.own_process import Here
from harness.study.execute.task import Outcome, Task
from harness.study.study_spec import SearchSpec, load_study
from harness.track.memory import MemoryRun, MemoryTracker

if TYPE_CHECKING:
    from harness.runs.experiment import Experiment

QUICK: dict[str, Any] = {"training": {"max_epochs": 2}, "compute": {"threads": 1}, "config": {"negatives": 64}}


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))


@pytest.fixture(scope="module")
def store() -> MemoryTracker:
    return MemoryTracker()


@pytest.fixture(scope="module")
def first(store: MemoryTracker, movielens: "Experiment") -> RunResult:
    return run(build_spec(QUICK), Context(store), experiment=movielens)


@pytest.fixture
def recorded(store: MemoryTracker, first: RunResult) -> MemoryRun:
    return store.runs[first.id]


def stable(metrics: Any) -> dict[str, float]:
    """All but seconds and memory."""
    return {key: value for key, value in metrics.items() if "seconds" not in key and "memory" not in key}


def test_the_data_are_the_papers(movielens: "Experiment") -> None:
    assert (movielens.corpus.n_users, movielens.corpus.n_items) == (938, 1008)


def test_metrics_have_their_names(first: RunResult, recorded: MemoryRun) -> None:
    assert not first.reused
    for part in ("test", "validation"):
        for name in ("ndcg_at_20", "recall_at_20", "genre/cv_at_20"):
            assert 0 < recorded.metrics[f"{part}/{name}"] < 2
    for name in (
        "test/ndcg_at_10",
        "test/popularity/cv_at_20",
        "test/genre/min25_at_10",
        "test/genre/utility_at_20/Comedy",
    ):
        assert 0 < recorded.metrics[name] < 2
    for name in ("train/group_loss/Comedy", "train/group_weight/Comedy", "train/drift_of_Z", "epoch/ndcg_at_20"):
        assert [point.step for point in recorded.points if point.name == name] == [1, 2]
    assert recorded.metrics["epochs"] == 2
    weights = [value for name, value in recorded.metrics.items() if name.startswith("train/group_weight/")]
    assert sum(weights) == pytest.approx(1)


def test_parameters_are_the_whole_spec_and_tags_say_where_it_comes_from(recorded: MemoryRun) -> None:
    assert recorded.status == "FINISHED"
    assert recorded.params["config.eta"] == "0.001"
    assert recorded.params["training.max_epochs"] == "2"
    tags = {"hash.data", "hash.split", "hash.embedding", "spec", "code", "threads", "device", "version.torch"}
    assert tags <= set(recorded.tags)
    assert recorded.tags["spec"] == build_spec(QUICK).digest


def test_the_data_set_is_recorded(recorded: MemoryRun, movielens: "Experiment") -> None:
    (dataset,) = recorded.datasets
    assert dataset["name"] == "movielens-100k"
    assert dataset["digest"] == movielens.digests["data"]
    assert dataset["profile"]["users"] == 938


def test_artifacts_can_be_read_again(recorded: MemoryRun, movielens: "Experiment") -> None:
    files = recorded.artifacts
    assert build_spec(json.loads(files["spec.json"])) == build_spec(QUICK)
    groups = list(csv.DictReader(io.StringIO(files["groups.csv"].decode())))
    assert {row["grouping"] for row in groups} == {"genre", "popularity"}
    lists = pl.read_parquet(io.BytesIO(files["top_lists.parquet"]))
    tested = len(set(movielens.split.test.users.tolist()))
    assert len(lists) in (tested, tested * 20)
    for grouping in ("genre", "popularity"):
        assert files[f"group_utilities_{grouping}.png"].startswith(b"\x89PNG")


def test_a_finished_run_is_found_again(store: MemoryTracker, first: RunResult, movielens: "Experiment") -> None:
    again = run(build_spec(QUICK), Context(store), experiment=movielens)
    assert again.reused
    assert again.id == first.id
    assert stable(again.metrics).items() >= stable(first.metrics).items()


def test_the_same_spec_gives_the_same_bits(store: MemoryTracker, first: RunResult, movielens: "Experiment") -> None:
    again = run(build_spec(QUICK), Context(store), experiment=movielens, force=True)
    assert not again.reused
    assert again.id != first.id
    assert stable(again.metrics) == stable(first.metrics)
    assert stable(store.runs[again.id].metrics) == stable(store.runs[first.id].metrics)
    assert store.runs[again.id].artifacts["groups.csv"] == store.runs[first.id].artifacts["groups.csv"]


def test_lists_longer_than_the_catalogue_are_refused_before_anything_starts(movielens_folder: Path) -> None:
    tracker = MemoryTracker()
    spec = build_spec({**QUICK, "evaluation": {"ks": [20, 2000]}})
    with pytest.raises(BadInput, match="2000"):
        run(spec, Context(tracker=tracker, data_folder=movielens_folder))
    assert not tracker.runs


def sensitivity(
    tracker: MemoryTracker, tree: dict[str, Any], trials: int, executor: Callable[[Context, str], Executor]
) -> StudyResult:
    study = load_study("sensitivity")
    assert isinstance(study, SearchSpec)
    smoke = study.budgets["smoke"].model_copy(update={"curves": {}})
    study = study.model_copy(update={"budgets": {"smoke": smoke}})
    return run_study("sensitivity", study, tree, Context(tracker), budget="smoke", trials=trials, executor=executor)


class Unlucky(Executor):
    """Nothing that it carries out succeeds."""

    def __init__(self, context: Context, parent: str) -> None:
        """Needs neither."""

    def run(self, tasks: Iterable[Task], on_record: OnRecord) -> Iterator[Outcome]:
        for task in tasks:
            yield on_record(task) or Outcome(task, failure="no dice")

    def close(self) -> None:
        """There is nothing to put away."""


def test_a_study_whose_trials_all_fail_has_failed() -> None:
    tracker = MemoryTracker()
    with pytest.raises(HarnessError, match="all 2 trials failed: no dice"):
        sensitivity(tracker, QUICK | {"training": {"selection": "best_ndcg"}}, 2, Unlucky)
    (parent,) = tracker.runs.values()
    assert parent.status == "FAILED"


def test_a_study_goes_on_where_it_stopped(movielens: "Experiment") -> None:
    executor = partial(Here, shared=movielens)
    tracker, quick = MemoryTracker(), {**QUICK, "training": {"max_epochs": 1, "selection": "best_ndcg"}}
    first = sensitivity(tracker, quick, 2, executor).records
    assert len(first.runs) == 2
    second = sensitivity(tracker, quick, 3, executor).records
    assert second.parent == first.parent
    assert second.runs[:2] == first.runs

    parent = tracker.runs[first.parent]
    trials = [run for run in tracker.runs.values() if run.parent == first.parent]
    assert len(trials) == len(tracker.runs) - 1 == 3
    assert all(run.status == "FINISHED" for run in [parent, *trials])
    for trial, run_ in zip(second.runs, trials, strict=True):
        assert not [name for name in run_.metrics if name.startswith("test/")], "trials must not touch test data"
        assert run_.tags["evaluated"] == "validation"
        assert float(run_.params["config.eta"]) == trial.params["config.eta"]
        assert {"validation/ndcg_at_20", "validation/genre/cv_at_20"} <= trial.metrics.keys()
    assert second.runs[0].params["config.eta"] == 1e-3, "the first trial is the defaults"
    assert {"report/report.html", "records/runs.parquet"} <= parent.artifacts.keys()


DECADE = '''
import polars as pl
from harness.domain.membership import Membership
from harness.plugins import Grouping

class Decade(Grouping):
    """Films by the decade of their release."""

    name = "decade"
    summary = "films by decade"
    requires = ("year",)
    disparities = ("cv", "minimum")

    def assign(self, source):
        years = source.items["year"].cast(pl.Int64, strict=False).fill_null(0).to_list()
        return Membership.from_labels(self.name, "item", [[self.decade(year)] for year in years])

    def decade(self, year):
        return f"{year // 10 * 10}s" if year >= 1970 else "before 1970" if year else "unknown"
'''


def test_a_fairness_definition_is_one_file(tmp_path: Path, movielens_folder: Path) -> None:
    """The command as a user types it, in a home of its own: trained on the file's groups, reported, recorded."""
    file = tmp_path / "decade.py"
    file.write_text(DECADE)
    command = [
        *(sys.executable, "-c", "import sys; from harness.cli.app import main; sys.exit(main())"),
        *("run", "--plugin", str(file), "--group", "decade", "--data", str(movielens_folder), "--plain"),
        *("--threads", "1", "--set", "training.max_epochs=1", "--set", "config.negatives=64"),
    ]
    environment = os.environ | {"HARNESS_HOME": str(tmp_path / "home")}
    environment.pop("MLFLOW_TRACKING_URI", None)
    done = subprocess.run(command, capture_output=True, text=True, env=environment, cwd=tmp_path, check=False)
    assert done.returncode == 0, done.stderr
    for group in ("decade", "before 1970", "1990s", "minimum"):
        assert group.lower() in done.stdout.lower()
    with closing(sqlite3.connect(tmp_path / "home" / "mlflow" / "mlflow.db")) as database:
        names = {name for (name,) in database.execute("SELECT DISTINCT key FROM latest_metrics")}
        statuses = [status for (status,) in database.execute("SELECT status FROM runs")]
    assert statuses == ["FINISHED"] * 2, "the reference, and the run"
    assert {"test/decade/cv_at_20", "test/decade/utility_at_20/1990s", "train/group_weight/1990s"} <= names

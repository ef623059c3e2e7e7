"""A study that is killed at any moment and started again ends like one that was left in peace."""

import json
import os
import random
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from harness.study.records import Record, read_records
from harness.track import open_tracker

STUDY = """
summary = "two methods, tuned, two seeds"
methods = ["alpharec", "joint"]
selections = ["best_ndcg", "fair_within:0.2"]
baseline = "alpharec"

[base]
dataset = "long-tail"
"dataset_options.n_users" = 150
"dataset_options.n_items" = 120
"dataset_options.n_groups" = 5
"encoder.name" = "random"
"evaluation.origins" = false
"training.max_epochs" = 2

[variants.alpharec]
method = "alpharec"
selections = ["best_ndcg"]

[budgets.default]
seeds = [0, 1]
trials = 3
"""
TRIAL, RUN = re.compile(r"trial +(\d+)/3 "), re.compile(r"(\d)/6: ")
PATIENCE_SECONDS = 240


def command(folder: Path) -> list[str]:
    home = folder / "home"
    code = "import sys; from harness.cli.app import main; sys.exit(main())"
    options = ["--study", str(folder / "killed.toml"), "--home", str(home), "--threads", "1", "--offline", "--plain"]
    return [sys.executable, "-P", "-u", "-c", code, "run", *options]


def environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key not in ("HARNESS_HOME", "MLFLOW_TRACKING_URI")}


def kill_after(folder: Path, lines: int, seconds: float) -> None:
    """Start the study and send it SIGKILL some time after it has said that so many trials and runs have ended."""
    process = subprocess.Popen(command(folder), stdout=subprocess.PIPE, text=True, env=environment())
    assert process.stdout is not None
    seen = 0
    while seen < lines:
        line = process.stdout.readline()
        assert line, "the study ended before it could be killed"
        seen += bool(TRIAL.match(line) or RUN.match(line))
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert process.returncode == -signal.SIGKILL


def finish(folder: Path) -> None:
    done = subprocess.run(
        command(folder), capture_output=True, text=True, env=environment(), timeout=PATIENCE_SECONDS, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def folders(tmp_path: Path) -> list[Path]:
    found = [tmp_path / name for name in ("undisturbed", "killed")]
    for folder in found:
        folder.mkdir()
        (folder / "killed.toml").write_text(STUDY)
    return found


def found_in(folder: Path) -> tuple[list[Any], str]:
    """All runs of the study as the store has them, and the study's own id."""
    tracker = open_tracker(f"sqlite:///{folder / 'home/mlflow/mlflow.db'}", None)
    parent = tracker.find({"study": "killed"})
    assert parent is not None
    assert parent.status == "FINISHED"
    return tracker.children(parent.id), parent.id


def report_of(folder: Path) -> Path:
    (report,) = (folder / "home/reports").iterdir()
    return report


def timeless(report: str) -> str:
    """A report without its section on training times."""
    without = re.sub(r"## What it takes\n.*?(?=\n## )", "", report, flags=re.DOTALL)
    assert without != report
    return without


def stable(record: Record) -> dict[str, Any]:
    """What does not depend on the clock, the memory, or the run's random id."""
    metrics = {key: value for key, value in record.metrics.items() if "seconds" not in key and "memory" not in key}
    kept = (record.stage, record.variant, record.rule, record.seed, record.number, record.params, record.failure)
    return {"is": repr(kept), "metrics": json.dumps(metrics, sort_keys=True)}


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_nothing_is_lost_nothing_is_there_twice_and_the_report_is_the_same(folders: list[Path], tmp_path: Path) -> None:
    undisturbed, killed = folders
    finish(undisturbed)
    moments = random.Random(7)
    for lines in (0, 1, 2, 1, 3):  # in the first start, among trials, between tuning and runs, among runs
        kill_after(killed, lines, moments.uniform(0.0, 1.5))
    finish(killed)

    records = []
    for folder in folders:
        runs, _ = found_in(folder)
        asked = [(run.tags["spec"], run.tags["evaluated"]) for run in runs]
        assert len(asked) == len(set(asked)), "no run is there twice"
        assert {run.status for run in runs} == {"FINISHED"}
        tracker = open_tracker(f"sqlite:///{folder / 'home/mlflow/mlflow.db'}", None)
        for file in ("study.json", "runs.parquet", "metrics.parquet", "curves.parquet"):
            (tmp_path / file).write_bytes(tracker.artifact(found_in(folder)[1], f"records/{file}"))
        records.append(read_records(tmp_path))
    left, right = records
    assert [stable(record) for record in left.runs] == [stable(record) for record in right.runs]
    assert len(left.runs) == 2 * 3 + 2 + 2 * 2
    left_text, right_text = (timeless((report_of(folder) / "report.md").read_text()) for folder in folders)
    assert left_text == right_text

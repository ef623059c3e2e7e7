"""What tests start in processes of their own: a small tuned study that they kill, and the example of the face."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from harness.study.records import Record, read_records
from harness.track import Tracker, open_tracker
from harness.track.protocol import RecordedRun

STUDY = """
summary = "two methods, tuned"
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
"training.max_epochs" = {epochs}
"training.patience" = {epochs}

[variants.alpharec]
method = "alpharec"
selections = ["best_ndcg"]

[budgets.default]
seeds = {seeds}
trials = 3
"""
TRIAL, RUN = re.compile(r"trial +(\d+)/3 "), re.compile(r"(\d)/\d: ")
PATIENCE_SECONDS = 240


@dataclass(frozen=True)
class TunedStudy:
    """A study called ``killed`` in a folder of its own.

    Attributes:
        folder: holds its declaration and its home
        store: where its runs are recorded
        experiment: in which experiment
        options: further ones of the command line
    """

    folder: Path
    store: str
    experiment: str
    options: tuple[str, ...]

    @property
    def command(self) -> list[str]:
        code = "import sys; from harness.cli.app import main; sys.exit(main())"
        where = ["--home", str(self.folder / "home"), "--tracking-uri", self.store, "--experiment", self.experiment]
        how = ["--threads", "1", "--offline", "--plain", *self.options]
        study = ["--study", str(self.folder / "killed.toml")]
        return [sys.executable, "-P", "-u", "-c", code, "run", *study, *where, *how]

    def start(self) -> "subprocess.Popen[str]":
        """Start it; what it says can be read."""
        pipe = subprocess.PIPE
        return subprocess.Popen(self.command, stdout=pipe, stderr=pipe, text=True, env=_environment())

    def kill_after(self, lines: int, seconds: float) -> None:
        """Start it and send it SIGKILL some time after it has said that so many trials and runs have ended."""
        process = self.start()
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

    def finish(self) -> str:
        """Run it to its end; what it said."""
        done = self.run()
        assert done.returncode == 0, done.stderr
        return done.stdout

    def run(self) -> "subprocess.CompletedProcess[str]":
        """Run it, however it ends."""
        return subprocess.run(
            self.command, capture_output=True, text=True, env=_environment(), timeout=PATIENCE_SECONDS, check=False
        )

    @property
    def tracker(self) -> Tracker:
        return open_tracker(self.store, self.experiment)

    @property
    def id(self) -> str:
        """The id of its own run, which has ended well."""
        parent = self.tracker.find({"study": "killed"})
        assert parent is not None
        assert parent.status == "FINISHED"
        return parent.id

    def runs(self) -> list[RecordedRun]:
        """All its runs as the store has them."""
        return self.tracker.children(self.id)

    @property
    def report(self) -> str:
        """Its report, without the section on training times."""
        (folder,) = (self.folder / "home/reports").iterdir()
        whole = (folder / "report.md").read_text()
        timeless = re.sub(r"## What it takes\n.*?(?=\n## )", "", whole, flags=re.DOTALL)
        assert timeless != whole
        return timeless

    def records(self) -> list[dict[str, Any]]:
        """Its records, without what depends on the clock, the memory, or runs' random ids."""
        with TemporaryDirectory() as folder:
            for file in ("study.json", "runs.parquet", "metrics.parquet", "curves.parquet"):
                Path(folder, file).write_bytes(self.tracker.artifact(self.id, f"records/{file}"))
            return [_stable(record) for record in read_records(Path(folder)).runs]


@pytest.fixture
def tuned_study(tmp_path: Path) -> Callable[..., Any]:
    """``tuned_study(name, seeds)``: a study in a fresh folder, on SQLite; or on ``store``, with ``options``."""
    return study_maker(tmp_path)


@pytest.fixture(scope="module")
def tuned_study_of_module(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Any]:
    """The same, in a folder that lasts as long as the module's tests."""
    return study_maker(tmp_path_factory.mktemp("studies"))


def study_maker(parent: Path) -> Callable[..., Any]:
    def _make(
        name: str,
        seeds: list[int],
        store: str | None = None,
        experiment: str = "studies",
        options: tuple[str, ...] = (),
        epochs: int = 2,
    ) -> TunedStudy:
        folder = parent / name
        folder.mkdir()
        (folder / "killed.toml").write_text(STUDY.replace("{seeds}", str(seeds)).replace("{epochs}", str(epochs)))
        return TunedStudy(folder, store or f"sqlite:///{folder / 'home/mlflow/mlflow.db'}", experiment, options)

    return _make


@pytest.fixture(scope="session")
def face_example() -> Callable[..., dict[str, Any]]:
    """``face_example(python, folder, data, **variables)``: what the example prints, run by ``python`` in ``folder``."""
    return _run_face_example


def _run_face_example(python: str | Path, folder: Path, data: Path, **variables: str) -> dict[str, Any]:
    page = Path(__file__).resolve().parents[2] / "docs/howto/definition.md"
    (definition,) = re.findall(r"^```python\n(# decade\.py\n.*?)^```", page.read_text(encoding="utf-8"), re.M | re.S)
    (folder / "decade.py").write_text(definition, encoding="utf-8")
    environment = {**_environment(), "HARNESS_HOME": str(folder / "home"), "OMP_NUM_THREADS": "1"} | variables
    command = [str(python), "-P", str(Path(__file__).with_name("face_example.py")), str(data)]
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=folder, env=environment, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    answer: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key not in ("HARNESS_HOME", "MLFLOW_TRACKING_URI")}


def _stable(record: Record) -> dict[str, Any]:
    metrics = {key: value for key, value in record.metrics.items() if "seconds" not in key and "memory" not in key}
    kept = (record.stage, record.variant, record.rule, record.seed, record.number, record.params, record.failure)
    return {"is": repr(kept), "metrics": json.dumps(metrics, sort_keys=True)}

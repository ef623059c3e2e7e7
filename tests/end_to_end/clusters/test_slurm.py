"""A study whose runs are made by jobs of a real SLURM, whatever becomes of them."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from harness.cli.app import main
from harness.study.execute.queued_jobs import FIRST_ROUNDS
from harness.track import open_tracker

EPOCHS = 4
HELD = Path(__file__).with_name("held.py")
PATIENCE_SECONDS = 240
SOON_SECONDS = 30
"""A worker whose coordinator is gone ends within ten seconds; the rest is for a busy machine."""
pytestmark = [
    pytest.mark.slurm,
    pytest.mark.skipif(sys.platform != "linux", reason="SLURM's processes are looked for in /proc"),
]
Made = Callable[..., Any]


def made_by(tuned_study: Made, name: str, store: str, *options: str) -> Any:
    """A study of two methods, one of which can be held."""
    study = tuned_study(name, [0], store, name, ("--plugin", str(HELD), *options), EPOCHS)
    file = study.folder / "killed.toml"
    file.write_text(file.read_text().replace("joint", "held"))
    return study


def trials_of(study: Any) -> list[tuple[dict[str, Any], list[float]]]:
    """Parameters and values of all its trials."""
    import optuna

    (file,) = (study.folder / "home/studies").glob("*.db")
    storage = f"sqlite:///{file}"
    found = [optuna.load_study(study_name=name, storage=storage) for name in optuna.get_all_study_names(storage)]
    return sorted(((trial.params, trial.values) for one in found for trial in one.trials), key=repr)


def equal(one: Any, other: Any) -> bool:
    """Whether two studies have found the same, to the bit."""
    assert one.records() == other.records()
    assert trials_of(one) == trials_of(other)
    assert one.report == other.report
    return True


@pytest.fixture(scope="module")
def alone(store: str, tuned_study_of_module: Made) -> Any:
    """The study by a single process."""
    study = made_by(tuned_study_of_module, "alone", store)
    study.finish()
    return study


@pytest.fixture
def hold(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that keeps runs from going on while it is there."""
    file = tmp_path / "hold"
    file.touch()
    monkeypatch.setenv("HELD_BY", str(file))
    return file


def held(hold: Path) -> set[int]:
    """Numbers of the jobs that are or were held in the middle of a run."""
    return {int(mark.name.rpartition("-")[2]) for mark in hold.parent.glob("hold-*")}


def are_held(hold: Path, number: int) -> bool:
    return len(held(hold)) == number


def are_over(slurm: Any, jobs: set[int]) -> bool:
    return not jobs & set(slurm.jobs())


def test_same_as_one_process(
    slurm: Any, slurm_file: Callable[..., Path], store: str, alone: Any, tuned_study: Made, tmp_path: Path
) -> None:
    many = made_by(tuned_study, "many", store, "--cluster", str(slurm_file(workers=2)))
    many.finish()
    assert equal(many, alone)
    homes = [home for home in tmp_path.glob("job-*") if any(home.glob("cache/prepared/*"))]
    assert len(homes) == 2, "both have made runs"
    assert not (many.folder / "home/mlflow").exists()
    assert {file.name for file in (many.folder / "home/cluster").iterdir()} == {"logs"}, "no key is left"
    assert slurm.jobs() == []


def test_jobs_that_end_in_the_middle_of_runs(
    slurm: Any, slurm_file: Callable[..., Path], store: str, alone: Any, tuned_study: Made, hold: Path
) -> None:
    """Both at once, as jobs do that have begun together; and those that replace them as well."""
    study = made_by(tuned_study, "lost", store, "--cluster", str(slurm_file(workers=2, walltime="00:05:00")))
    process = study.start()
    ended = set[int]()
    for end, state in ((slurm.cancel, "CANCELLED"), (slurm.end_time, "TIMEOUT")):
        slurm.until(partial(are_held, hold, len(ended) + 2), PATIENCE_SECONDS)
        jobs = held(hold) - ended
        for job in jobs:
            end(job)
        slurm.until(partial(are_over, slurm, jobs))
        assert [slurm.state(job) for job in jobs] == [state] * 2
        ended |= jobs
    hold.unlink()
    said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, said
    reason = "its worker is gone (cancelled, out of time or out of memory)"
    assert len([line for line in said.splitlines() if line.endswith(f"{reason}: tried again")]) == len(ended), said
    assert equal(study, alone)
    lost = [run for run in study.runs() if run.status != "FINISHED"]
    assert [(run.status, run.tags["failure"]) for run in lost] == [("FAILED", reason)] * len(ended)
    finished = [run.tags["spec"] for run in study.runs() if run.status == "FINISHED"]
    assert [finished.count(run.tags["spec"]) for run in lost] == [1] * len(ended)
    assert slurm.jobs() == []


def test_jobs_end_when_nobody_asks_for_them_any_longer(
    slurm: Any, slurm_file: Callable[..., Path], store: str, tuned_study: Made, hold: Path
) -> None:
    study = made_by(tuned_study, "orphaned", store, "--cluster", str(slurm_file(workers=2)))
    process = study.start()
    slurm.until(lambda: len(held(hold)) == 2, PATIENCE_SECONDS)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    hold.unlink()
    slurm.until(lambda: not slurm.jobs(), SOON_SECONDS)


def test_jobs_that_end_at_once_are_asked_for_a_few_times(
    slurm: Any, slurm_file: Callable[..., Path], store: str, tuned_study: Made
) -> None:
    broken = slurm_file(workers=2, before=["echo no such module >&2", "exit 3"])
    study = made_by(tuned_study, "broken", store, "--cluster", str(broken))
    environment = {key: value for key, value in os.environ.items() if key != "HARNESS_HOME"}
    done = subprocess.run(
        study.command, capture_output=True, text=True, env=environment, timeout=PATIENCE_SECONDS, check=False
    )
    logs = study.folder / "home/cluster/logs"
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        f"error: {2 * FIRST_ROUNDS} jobs have ended, one after the other, with no run done; "
        f"what they have written is in {logs}"
    ]
    assert [file.read_text() for file in logs.glob("*.err")] == ["no such module\n"] * 2 * FIRST_ROUNDS
    assert slurm.jobs() == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"queue": "nowhere"}, "invalid partition specified: nowhere"),
        ({"directives": ["--frobnicate"]}, "unrecognized option '--frobnicate'"),
        ({"walltime": "soon"}, "Invalid --time specification"),
        ({"memory": "9000GB"}, "Requested node configuration is not available"),
        ({"memory": "much"}, "Could not interpret 'much' as a byte unit"),
        ({"interface": "ib7"}, "'ib7' is not a valid network interface"),
    ],
)
def test_what_is_refused_is_said_before_anything_is_recorded(
    given: dict[str, Any],
    words: str,
    slurm: Any,
    slurm_file: Callable[..., Path],
    store: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    file, home = slurm_file(**given), tmp_path / "home"
    where = ["--tracking-uri", store, "--experiment", "refused", "--home", str(home), "--plain"]
    assert main(["run", "--study", "methods", "--cluster", str(file), *where]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"error: --cluster {file}: ")
    assert words in line
    assert slurm.jobs() == []
    assert open_tracker(store, "refused").find({}) is None
    assert not (home / "cluster").exists()


def test_a_look_at_jobs_that_are_refused(
    slurm: Any, slurm_file: Callable[..., Path], store: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = slurm_file(queue="nowhere")
    where = ["--tracking-uri", store, "--home", str(tmp_path / "home")]
    assert main(["cluster", "check", "--cluster", str(file), *where]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("error: slurm does not take the jobs: ")
    assert "invalid partition specified: nowhere" in line
    assert slurm.jobs() == []

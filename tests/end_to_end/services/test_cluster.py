"""A study whose runs are made by workers that share nothing with it but two servers, whatever befalls them."""

import os
import random
import re
import signal
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest

from harness.base.process import PROCESS

KILLS = 5
PATIENCE_SECONDS = 120
LOOK_SECONDS = 0.05
pytestmark = [
    pytest.mark.services,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc"),
]


def report_of(study: Any) -> str:
    """Its report without its section on training times."""
    (report,) = (study.folder / "home/reports").iterdir()
    return re.sub(r"## What it takes\n.*?(?=\n## )", "", (report / "report.md").read_text(), flags=re.DOTALL)


def trials_of(server: Any, database: str) -> list[Any]:
    """Parameters and values of all trials in a database."""
    found = server.ask(
        "SELECT study_name, number, state::text, param_name, param_value, objective, value FROM trials "
        "JOIN studies USING (study_id) JOIN trial_values USING (trial_id) LEFT JOIN trial_params USING (trial_id)",
        database,
    )
    return sorted(found, key=repr)


def training(study: Any, dask_cluster: Any) -> int | None:
    """The id of a worker's process in the middle of a run."""
    parent = study.tracker.find({"study": "killed"})
    children = [] if parent is None else study.tracker.children(parent.id)
    now = {int(run.tags[PROCESS]) for run in children if run.status == "RUNNING" and PROCESS in run.tags}
    return min(now & set(dask_cluster.workers), default=None)


def kill_a_worker(study: Any, process: Any, dask_cluster: Any, seconds: float) -> None:
    """Some time after it has been seen in a run."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := training(study, dask_cluster)) is None:
        assert process.poll() is None, process.stdout.read()
        assert time.monotonic() < deadline, "no run is under way"
        time.sleep(LOOK_SECONDS)
    time.sleep(seconds)
    os.kill(found, signal.SIGKILL)


@pytest.fixture
def alone(server: Any, tracking_server: Any, tuned_study: Callable[..., Any]) -> Callable[..., tuple[Any, list[Any]]]:
    """``alone(name, epochs)``: the study by a single process, and its trials."""

    def made(name: str, epochs: int) -> tuple[Any, list[Any]]:
        options = ("--storage", server.fresh(f"trials of {name}"))
        study = tuned_study(name, [0], tracking_server.address, name, options, epochs)
        study.finish()
        return study, trials_of(server, f"trials of {name}")

    return made


def test_same_as_one_process(
    alone: Any, server: Any, tracking_server: Any, dask_cluster: Any, tuned_study: Callable[..., Any]
) -> None:
    one, trials = alone("one", 4)
    options = ("--storage", server.fresh("trials of many"), "--cluster", dask_cluster.address)
    many = tuned_study("many", [0], tracking_server.address, "many", options, 4)
    many.finish()
    assert many.records() == one.records()
    assert report_of(many) == report_of(one)
    assert trials_of(server, "trials of many") == trials
    homes = {home.name for home in dask_cluster.homes if any(home.glob("cache/prepared/*"))}
    assert homes == {"worker 0", "worker 1"}, "both have made runs"
    assert not (many.folder / "home/mlflow").exists()


def test_whatever_is_killed(
    alone: Any, server: Any, tracking_server: Any, dask_cluster: Any, tuned_study: Callable[..., Any]
) -> None:
    one, trials = alone("undisturbed", 150)
    options = ("--storage", server.fresh("trials of disturbed"), "--cluster", dask_cluster.address)
    study = tuned_study("disturbed", [0], tracking_server.address, "disturbed", options, 150)
    moments = random.Random(11)
    process = study.start()
    for number in range(KILLS):
        kill_a_worker(study, process, dask_cluster, moments.uniform(0.0, 1.0))
        if number == 1:
            tracking_server.stop()
            tracking_server.start()
        if number == 2:
            process.kill()
            process.wait()
            process = study.start()
    said, _ = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 0, said
    assert study.records() == one.records()
    assert report_of(study) == report_of(one)
    assert trials_of(server, "trials of disturbed") == trials
    runs = [run for run in study.runs() if run.status == "FINISHED"]
    asked = [(run.tags["spec"], run.tags["evaluated"]) for run in runs]
    assert len(asked) == len(set(asked)), "no run is there twice"
    assert not [run.id for run in study.runs() if run.status == "RUNNING"]

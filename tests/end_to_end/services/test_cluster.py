"""A study whose runs are made by workers that share nothing with it but two servers, whatever befalls them."""

import os
import random
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.base.process import PROCESS
from harness.cli.app import main
from harness.plugins.registry import registry
from harness.track import open_tracker

KILLS = 5
PATIENCE_SECONDS = 120
LOOK_SECONDS = 0.05
pytestmark = [
    pytest.mark.services,
    pytest.mark.skipif(sys.platform != "linux", reason="processes are looked for in /proc"),
]


PLUGIN = """
from harness.methods.most_popular import MostPopular

class Backwards(MostPopular):
    \"\"\"The least popular first.\"\"\"
    name = "backwards"

    def score(self, users):
        return -super().score(users)
"""
CARD = """
name = "own"
title = "Own"
summary = "a table"
homepage = ""
licence = "none"
citation = "none"
groupings = ["popularity"]
default_group = "popularity"
[interactions]
file = "t.csv"
columns = { user = "u", item = "i", timestamp = "at" }
[items]
file = "items.csv"
columns = { item = "i", title = "title" }
"""
STUDY = """
summary = "a method and a data set of one's own"
methods = ["backwards", "random"]
baseline = "random"
selections = ["best_ndcg"]
[base]
dataset = "{card}"
"evaluation.origins" = false
[budgets.default]
seeds = [0, 1]
"""


def values_of(run: Any) -> dict[str, float]:
    return {key: value for key, value in run.metrics.items() if "seconds" not in key and "memory" not in key}


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


def test_what_workers_lack_travels_to_them(
    server: Any, tracking_server: Any, dask_cluster: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plugin = tmp_path / "own.py"
    plugin.write_text(PLUGIN)
    interactions = [f"u{user},i{(7 * user + 3 * n) % 30},{n}" for user in range(40) for n in range(12)]
    (tmp_path / "t.csv").write_text("\n".join(["u,i,at", *interactions]))
    (tmp_path / "items.csv").write_text("\n".join(["i,title", *(f"i{item},title {item}" for item in range(30))]))
    card, study = tmp_path / "own.toml", tmp_path / "study.toml"
    card.write_text(CARD)
    study.write_text(STUDY.format(card=card))
    metrics = {}
    for name, options in {"here": [], "there": ["--cluster", dask_cluster.address]}.items():
        where = ["--home", str(tmp_path / name), "--tracking-uri", tracking_server.address, "--experiment", f"own {name}"]
        how = ["--threads", "1", "--offline", "--plain", "--plugin", str(plugin), *options]
        with registry.afresh():
            assert main(["run", "--study", str(study), *where, *how]) == 0, capsys.readouterr()
        runs = open_tracker(tracking_server.address, f"own {name}").all_finished({"method": "backwards"})
        metrics[name] = [values_of(run) for run in runs]
    assert metrics["here"] == metrics["there"]
    assert len(metrics["here"]) == 2


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

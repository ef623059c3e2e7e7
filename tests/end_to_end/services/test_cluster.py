"""A study whose runs are made by workers that share nothing with it but two servers, whatever befalls them."""

import os
import platform
import random
import shutil
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster

import harness
from harness.base.errors import BadInput
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
STUDY = """
summary = "a method and a data set of one's own"
methods = ["backwards", "random"]
baseline = "random"
selections = ["best_ndcg"]
isolated = true
[base]
dataset = "{card}"
"evaluation.origins" = false
[budgets.default]
seeds = [0]
"""


def values_of(run: Any) -> dict[str, float]:
    return {key: value for key, value in run.metrics.items() if "seconds" not in key and "memory" not in key}


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(LOOK_SECONDS)


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


def wait_for_a_run(study: Any, process: Any, dask_cluster: Any) -> int:
    """Until a worker is in the middle of one; its process."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (found := training(study, dask_cluster)) is None:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "no run is under way"
        time.sleep(LOOK_SECONDS)
    return found


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
    assert many.report == one.report
    assert trials_of(server, "trials of many") == trials
    homes = {home.name for home in dask_cluster.homes if any(home.glob("cache/prepared/*"))}
    assert homes == {"worker 0", "worker 1"}, "both have made runs"
    assert not (many.folder / "home/mlflow").exists()


def test_what_workers_lack_travels_to_them(
    tracking_server: Any, dask_cluster: Any, own_card: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plugin = tmp_path / "own.py"
    plugin.write_text(PLUGIN)
    interactions = [f"u{user},i{(7 * user + 3 * n) % 30}" for user in range(40) for n in range(12)]
    (tmp_path / "t.csv").write_text("\n".join(["u,i", *interactions]))
    (tmp_path / "items.csv").write_text("\n".join(["i,title", *(f"i{item},title {item}" for item in range(30))]))
    study = tmp_path / "study.toml"
    study.write_text(STUDY.format(card=own_card))
    metrics = {}
    for name, options in {"here": [], "there": ["--cluster", dask_cluster.address]}.items():
        where = [
            "--home",
            str(tmp_path / name),
            "--tracking-uri",
            tracking_server.address,
            "--experiment",
            f"own {name}",
        ]
        how = ["--threads", "1", "--offline", "--plain", "--plugin", str(plugin), *options]
        with registry.afresh():
            assert main(["run", "--study", str(study), *where, *how]) == 0, capsys.readouterr()
        runs = open_tracker(tracking_server.address, f"own {name}").all_finished({"method": "backwards"})
        metrics[name] = [values_of(run) for run in runs]
    assert metrics["here"] == metrics["there"]
    assert len(metrics["here"]) == 1


def test_whatever_is_killed(
    alone: Any, server: Any, tracking_server: Any, dask_cluster: Any, tuned_study: Callable[..., Any]
) -> None:
    one, trials = alone("undisturbed", 150)
    options = ("--storage", server.fresh("trials of disturbed"), "--cluster", dask_cluster.address)
    study = tuned_study("disturbed", [0], tracking_server.address, "disturbed", options, 150)
    moments = random.Random(11)
    process = study.start()
    for number in range(KILLS):
        found = wait_for_a_run(study, process, dask_cluster)
        time.sleep(moments.uniform(0.0, 1.0))
        os.kill(found, signal.SIGKILL)
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
    assert study.report == one.report
    assert trials_of(server, "trials of disturbed") == trials
    runs = [run for run in study.runs() if run.status == "FINISHED"]
    asked = [(run.tags["spec"], run.tags["evaluated"]) for run in runs]
    assert len(asked) == len(set(asked)), "no run is there twice"
    assert not [run.id for run in study.runs() if run.status == "RUNNING"]


def test_one_coordinator_at_a_time(
    server: Any, tracking_server: Any, dask_cluster: Any, tuned_study: Callable[..., Any]
) -> None:
    storage = server.fresh("trials of two coordinators")
    options = ("--storage", storage, "--cluster", dask_cluster.address)
    first, second = (
        tuned_study(name, [0], tracking_server.address, "coordinators", options, 100) for name in ("first", "second")
    )
    process = first.start()
    wait_for_a_run(first, process, dask_cluster)
    refused = second.run()
    assert refused.returncode == 2
    assert f"is running in process {process.pid} on {platform.node()}: wait for it" in refused.stderr

    process.send_signal(signal.SIGSTOP)  # a laptop that sleeps
    second.finish()
    process.send_signal(signal.SIGCONT)
    said, told = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 2, (said, told)
    assert "has been taken over by another process" in told
    again = first.run()
    assert again.returncode == 0, again.stderr
    assert first.records() == second.records()


def test_a_scheduler_that_goes_away(
    server: Any, tracking_server: Any, dask_cluster: Any, tuned_study: Callable[..., Any]
) -> None:
    options = ("--storage", server.fresh("trials without scheduler"), "--cluster", dask_cluster.address)
    study = tuned_study("alone again", [0], tracking_server.address, "scheduler", options, 100)
    process = study.start()
    wait_for_a_run(study, process, dask_cluster)
    dask_cluster.stop_scheduler()
    _, told = process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 1
    assert told == f"error: {dask_cluster.address} is gone; the same command goes on where this one stopped\n"
    until(lambda: study.tracker.unended({}) == [])  # a worker's own run: it notices by itself


def test_workers_that_would_make_other_runs(
    server: Any, tracking_server: Any, dask_cluster: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other code"
    for folder in ("harness", "methods", "datasets", "studies"):
        shutil.copytree(Path(harness.__file__).parents[1] / folder, other / folder)
    with (other / "harness/base/errors.py").open("a") as file:
        file.write("\nEXTRA = 1\n")
    dask_cluster.add_worker(tmp_path / "worker with other code", PYTHONPATH=str(other))
    cluster = ["--cluster", dask_cluster.address, "--tracking-uri", tracking_server.address]
    home = ["--home", str(tmp_path / "home")]
    until(lambda: main(["cluster", "check", *cluster, *home]) == 1)
    shown = capsys.readouterr().out
    (line,) = {line.strip() for line in shown.splitlines() if " has code " in line}
    study = ["--study", "methods", "--budget", "smoke", "--plain", "--offline", "--experiment", "other code"]
    assert main(["run", *study, *cluster, *home]) == 2
    assert f"workers must have the packages that this process has: {line}" in capsys.readouterr().err
    assert main(["run", *study, *cluster, *home, "--device", "cuda"]) == 2
    assert open_tracker(tracking_server.address, "other code").find({}) is None


def test_a_client_of_anybodys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    shop = {"dataset": "long-tail", "dataset_options": {"n_users": 60, "n_items": 60, "n_groups": 3}}
    asked = {"method": "random", "budget": "smoke", "compute": {"threads": 1}, **shop}
    with (
        LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, local_directory=tmp_path) as cluster,
        Client(cluster) as client,
    ):
        there = harness.run_study("methods", client=client, tracking_uri=f"sqlite:///{tmp_path}/there.db", **asked)
        assert client.submit(abs, -1).result() == 1, "it stays open"
    here = harness.run_study("methods", tracking_uri=f"sqlite:///{tmp_path}/here.db", **asked)
    compared = [frame.filter(split="test")["value"].to_list() for frame in (there.to_frame(), here.to_frame())]
    assert compared[0] == compared[1]
    with pytest.raises(BadInput, match="give one of them"):
        harness.run_study("methods", client=client, cluster="tcp://127.0.0.1:1", **asked)

"""Homes, working directories and stores in folders with any name: everything is found again, nothing lies outside."""

import os
import re
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import polars as pl
import pytest

import harness as h
from harness.base import paths
from harness.cli.app import main
from harness.track.journal.journal_folder import JournalFolder
from harness.track.uri import resolve_uri

EVERYTHING = "h?a=b %20#ü;'&{x}[1]*"
SINGLE = [
    "%20",
    "%2F",
    "h?a=b",
    "a?uri=true",
    "#x",
    "two words",
    " before and after ",
    "übergrößen",
    "a;b",
    "it's",
    "{x}",
]
CODE = "import sys; from harness.cli.app import main; sys.exit(main())"
SMALL = [
    *("--set=dataset=long-tail", "--set=dataset_options.n_users=150", "--set=dataset_options.n_items=120"),
    *("--set=dataset_options.n_groups=5", "--set=encoder.name=random", "--set=evaluation.origins=false"),
    *("--set=training.max_epochs=1", "--set=compute.threads=1", "--plain", "--offline"),
]
STUDY = 'summary = "one"\nmethods = ["alpharec"]\nbaseline = "alpharec"\n[budgets.default]\nseeds = [0]\n'

CARD = """
name = "own"
title = "Own"
summary = "loans"
homepage = ""
licence = "none"
citation = "none"
groupings = ["popularity"]
default_group = "popularity"
[interactions]
file = "FILE"
columns = { user = "user", item = "item" }
"""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="names have fewer characters there")


@pytest.mark.parametrize("name", [EVERYTHING, *(pytest.param(name, marks=pytest.mark.slow) for name in SINGLE)])
def test_everything_works_in_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    home, here = tmp_path / name / "home", tmp_path / name / "here"
    here.mkdir(parents=True)
    monkeypatch.chdir(here)
    monkeypatch.setenv(paths.HOME_VARIABLE, str(home))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)

    def said(*arguments: str) -> str:
        code = main(arguments)
        found = capsys.readouterr()
        assert code == 0, found.err
        return found.out

    first = said("run", "--method", "alpharec", *SMALL, "--checkpoint-every", "0.001")
    assert "finished before" in said("run", "--method", "alpharec", *SMALL)
    assert "finished before" in said("run", "--method", "alpharec", *SMALL, "--home", f"../{home.name}")
    store = re.search(r"^store +(.*)$", first, re.MULTILINE)
    assert store is not None
    assert "finished before" in said("run", "--method", "alpharec", *SMALL, "--tracking-uri", store[1])

    Path("one.toml").write_text(STUDY)
    assert "report" in said("run", "--study", "one.toml", *SMALL, "--jobs", "2")
    search = ["run", "--study", "tune", "--budget", "smoke", "--trials", "1", "--method", "alpharec", *SMALL[:-3]]
    assert "report" in said(*search, "--plain", "--offline")
    assert str(home / "reports") in said("report", "tune")
    assert "finished runs" in said("export", "tune", "--to", "records")
    assert said("list", "checkpoints") == "no checkpoints\n"

    loans = pl.DataFrame({"user": [n // 10 for n in range(200)], "item": [n % 25 for n in range(200)]})
    loans.write_csv(f"{name}.csv")
    Path("own.toml").write_text(CARD.replace("FILE", f"{name}.csv"))
    assert "20 users" in said("data", "audit", h.dataset_from_frames(loans))
    assert "20 users" in said("data", "add", "own.toml")
    assert "interactions.parquet" in said("data", "export", "own", f"{name}.exported")

    said("run", "--method", "most_popular", *SMALL, "--tracking-uri", f"sqlite:///{name}/own.db")
    said("run", "--method", "most_popular", *SMALL, "--tracking-uri", f"sqlite:///{here}/{name}/own.db")
    said(*search, "--plain", "--offline", "--storage", f"sqlite:///{name}/trials.db")

    journals = JournalFolder(resolve_uri("http://127.0.0.1:9"))
    journals.begin({"start": {}}).let_go()
    assert [journal.entries() for journal in journals.journals()] == [[{"start": {}}]]

    assert {path.name for path in tmp_path.iterdir()} == {name}
    assert {path.name for path in (tmp_path / name).iterdir()} == {"home", "here"}
    assert {path.name for path in here.iterdir()} == {
        *("one.toml", "own.toml", "records", name, f"{name}.csv", f"{name}.exported"),
    }
    assert {path.name for path in (here / name).iterdir()} >= {"own.db", "artifacts", "trials.db"}
    assert (home / "mlflow/mlflow.db").stat().st_size > 0
    assert (home / "studies/optuna.db").stat().st_size > 0


@pytest.mark.slow
def test_the_pages_of_a_store_in_it(tmp_path: Path) -> None:
    home = tmp_path / EVERYTHING
    command = [sys.executable, "-P", "-u", "-c", CODE, "ui", "--port", "0", "--home", str(home)]
    kept = {key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=kept, cwd=tmp_path) as server:
        assert server.stdout is not None
        try:
            line = next(line for line in server.stdout if "MLflow is at" in line)
            address = re.search(r"http://\S+", line)
            assert address is not None
            asked = urllib.request.Request(
                f"{address[0]}/api/2.0/mlflow/experiments/search?max_results=5", headers={"Accept": "application/json"}
            )
            with urllib.request.urlopen(asked, timeout=30) as answer:
                assert b"Default" in answer.read()
        finally:
            server.terminate()
            server.wait(30)
    time.sleep(0.1)
    assert [path.name for path in tmp_path.iterdir()] == [EVERYTHING]

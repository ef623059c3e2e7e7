"""``harness run … --dry-run`` tells, and changes nothing."""

import json
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import harness as h
from harness.base.trees import merged, parse_assignments
from harness.cli.app import main
from harness.track import open_tracker

SHOP: dict[str, Any] = {"n_users": 120, "n_items": 100, "n_groups": 4, "dim": 8}
SET = [f"dataset_options.{key}={value}" for key, value in SHOP.items()]
SET += ["training.max_epochs=2", "training.patience=2", "encoder.name=random"]
COMMON = ["--dataset", "long-tail", "--threads", "1", *(word for text in SET for word in ("--set", text))]
RUN = ["run", "--method", "reweight", *COMMON]
STUDY = ["run", "--study", "main", "--budget", "smoke", *COMMON[:-4], "--method", "alpharec"]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def files(home: Path) -> set[str]:
    """What has been kept beside caches of data."""
    kept = (path.relative_to(home) for path in home.rglob("*") if path.is_file())
    return {path.as_posix() for path in kept if path.parts[0] != "cache"}


def test_nothing_is_kept_and_then_all_is_on_record(said: Any, home: Path) -> None:
    before = json.loads(said(*RUN, "--dry-run", "--json"))
    assert not files(home), "no store, no checkpoint, no run"
    assert before["on_record"] == {"run": None, "seconds": None, "reference": "alpharec", "reference_run": None}
    estimate = before["estimate"]
    assert estimate["run"]["training"]["phases"][0]["epochs"] == 2
    assert estimate["reference"] is not None
    assert 0 < estimate["work"] <= estimate["seconds"]
    assert 50 < estimate["peak_memory_mib"] < 20_000
    made = json.loads(said(*RUN, "--json"))
    after = json.loads(said(*RUN, "--dry-run", "--json"))
    assert after["on_record"]["run"] == made["run"]
    assert after["on_record"]["reference_run"] == made["against"]["run"]
    assert after["on_record"]["seconds"] > 0
    assert after["estimate"] is None
    forced = json.loads(said(*RUN, "--dry-run", "--json", "--force"))
    assert forced["on_record"]["run"] == made["run"]
    assert forced["estimate"]["reference"] is None, "it is on record"
    assert forced["estimate"]["epochs"] == 2
    assert len(h.find_runs()) == 2


def test_no_number_of_a_later_run_changes(said: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    spec = h.build_spec({"method": "bifair", "dataset": "long-tail", "dataset_options": SHOP,
                         "training": {"max_epochs": 2}, "encoder": {"name": "random"}})  # fmt: skip
    alone = h.run(spec)
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "other"))
    told = h.dry_run(spec)
    assert told.estimate is not None
    assert told.estimate.run.fresh is not None, "Z moves: a reference is trained on it"
    assert told.spec.digest == alone.spec.digest
    after = h.run(spec)
    varying = {"run_seconds", "training_seconds", "seconds_per_epoch", "peak_memory_mb", "train/seconds"}
    assert {key: value for key, value in after.metrics.items() if key not in varying} == {
        key: value for key, value in alone.metrics.items() if key not in varying
    }


def test_what_people_and_programs_are_shown(said: Any, tmp_path: Path) -> None:
    lines = said(*RUN, "--dry-run")
    shown = "".join(f"{line}\n" for line in lines.splitlines() if " = " in line and not line.startswith(" "))
    file = tmp_path / "again.toml"
    file.write_text(shown)
    tree = tomllib.loads(shown)
    assert tree["method"] == "reweight"
    asked = h.build_spec(merged(parse_assignments(SET), {"method": "reweight", "dataset": "long-tail"}))
    assert h.load_spec(file).digest == asked.digest
    assert "on record: no run that stands for this one" in lines
    assert "measured by alpharec (fair_within:0.02): not on record, it is trained first" in lines
    assert "up to 2 epochs" in lines
    assert "MiB of memory" in lines
    (short,) = said("run", "--method", "random", *COMMON, "--dry-run", "--quiet").splitlines()
    assert "at most" in short
    assert "MiB" in short


@pytest.mark.parametrize("method", ["ease", "multvae", "separate"])
def test_methods_of_every_kind_can_be_told_of(method: str) -> None:
    training = {"max_epochs": 30}
    spec = h.build_spec({"method": method, "dataset": "long-tail", "dataset_options": SHOP, "training": training})
    told = h.dry_run(spec).estimate
    assert told is not None
    assert told.run.training.epochs == (1 if method == "ease" else 30)
    assert len(told.run.training.phases) == (2 if method == "separate" else 1)
    assert told.seconds > 0


def test_data_that_are_not_here_are_named_and_not_fetched(said: Any, home: Path) -> None:
    told = json.loads(said("run", "--method", "most_popular", "--dataset", "movielens-100k", "--dry-run", "--json"))
    assert [one["name"] for one in told["missing"]] == ["movielens-100k"]
    assert told["missing"][0]["places"]
    assert told["estimate"] is None
    assert not [path for path in home.rglob("*") if "movielens" in path.name]


def test_what_is_wrong_is_refused_as_ever(capsys: pytest.CaptureFixture[str]) -> None:
    for wrong in (["--method", "bifare"], ["--set", "config.etaa=1"], ["--set", "evaluation.ks=[9999]"]):
        codes = [main(["run", "--dataset", "long-tail", *wrong, *more]) for more in ([], ["--dry-run"])]
        first, second = (line for line in capsys.readouterr().err.splitlines() if line.startswith("error: "))
        assert codes == [2, 2]
        assert first == second
    assert main([*STUDY, "--dry-run", "--cluster", "127.0.0.1:1"]) == 2


def test_a_study(said: Any, home: Path) -> None:
    told = json.loads(said(*STUDY, "--dry-run", "--json", "--jobs", "2"))
    assert not files(home)
    assert (told["trials"], told["runs"]) == (2, 2)
    assert told["on_record"] == {"trials": 0, "runs": 0}
    assert told["estimate"]["workers"] == 2
    assert told["estimate"]["work"] > 0
    said(*STUDY, "--quiet")
    after = json.loads(said(*STUDY, "--dry-run", "--json"))
    assert after["on_record"] == {"trials": 2, "runs": 2}
    assert after["estimate"]["seconds_left"] == 0
    assert "on record: 2 and 2 of them" in said(*STUDY, "--dry-run")
    assert len(open_tracker().all_finished({"evaluated": "test"})) == 2

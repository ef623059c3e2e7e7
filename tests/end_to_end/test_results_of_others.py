"""Published runs made again, and somebody's records taken in."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.base.errors import BadInput
from harness.cli.app import main
from harness.publish.results_parts import complete, read_parts
from harness.publish.take_in import take_in
from harness.publish.verify_results import draw, verify
from harness.runs.context import Context
from harness.study.records import Record, read_records, write_records
from harness.track.memory import MemoryTracker

STUDY = """
summary = "chance against fashion"
methods = ["random", "mf"]
baseline = "random"
[base]
"training.max_epochs" = 2
[budgets.default]
seeds = [0, 1]
"""
RESULTS = """
title = "Results"
lead = "Of a test."
[[studies]]
study = "trend.toml"
"""
RECORDS = "trend-default"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, movielens_folder: Path) -> Path:
    folder = tmp_path_factory.mktemp("made") / "results"
    folder.mkdir()
    (folder / "trend.toml").write_text(STUDY)
    (folder / "results.toml").write_text(RESULTS)
    _, (part,) = read_parts(folder)
    context = Context(MemoryTracker(), data_folder=movielens_folder)
    complete(part, context, {"threads": 1}, jobs=1, overwrite="only-missing")
    return folder


@pytest.fixture
def results(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "results"))


def change(folder: Path, how: Callable[[Record], Record]) -> None:
    """Write a folder's records anew, with each run changed."""
    records = read_records(folder)
    write_records(replace(records, runs=tuple(how(run) for run in records.runs)), folder)


def with_metric(shift: float) -> Callable[[Record], Record]:
    return lambda run: replace(run, metrics={**run.metrics, "test/ndcg_at_20": run.metrics["test/ndcg_at_20"] + shift})


def with_tag(**tags: str) -> Callable[[Record], Record]:
    return lambda run: replace(
        run, tags={**run.tags, **{name.replace("_", "."): value for name, value in tags.items()}}
    )


def verified_all(results: Path, data: Path) -> list[bool]:
    (records,) = (part.records for part in read_parts(results)[1])
    assert records is not None
    return [found.holds for found in verify(draw([records], 4, 0), Context(data_folder=data))]


def test_what_this_version_made_here_comes_out_to_the_bit(
    results: Path, movielens_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["results", "verify", str(results), "--sample", "9", "--data", str(movielens_folder)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert sum("equal to the bit (code, machine and libraries agree)" in line for line in lines) == 4
    assert "4 of 4 runs came out as published, 4 of them to the bit" in lines[-1]


def test_a_number_that_nobody_measured_is_found(
    results: Path, movielens_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(results / RECORDS, with_metric(1e-12))
    assert main(["results", "verify", str(results), "--sample", "1", "--data", str(movielens_folder)]) == 1
    assert "NOT OK" in capsys.readouterr().out


def test_elsewhere_headlines_may_differ_by_less_than_the_seeds_do(results: Path, movielens_folder: Path) -> None:
    change(results / RECORDS, with_tag(platform="another machine"))
    change(results / RECORDS, with_metric(1e-12))
    assert verified_all(results, movielens_folder) == [True] * 4
    change(results / RECORDS, with_metric(0.3))
    assert verified_all(results, movielens_folder) == [False] * 4


def test_another_processor_rounds_the_vectors_of_texts_differently(
    results: Path, movielens_folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    change(results / RECORDS, with_tag(hash_embedding="0" * 16))
    change(results / RECORDS, with_metric(1e-12))
    assert main(["results", "verify", str(results), "--sample", "9", "--data", str(movielens_folder)]) == 0
    assert "on other code or another machine; the texts' vectors differ" in capsys.readouterr().out


def test_the_noise_is_what_two_seeds_differ_by_in_19_of_20_cases(results: Path, movielens_folder: Path) -> None:
    (records,) = (part.records for part in read_parts(results)[1])
    assert records is not None
    for found in verify(draw([records], 4, 0), Context(data_folder=movielens_folder)):
        assert len(found.noise) == 3
        for key, noise in found.noise.items():
            one, other = (run.metrics[key] for run in records.runs if run.arm == found.record.arm)
            assert noise == pytest.approx(12.7062 * abs(one - other), rel=1e-4), "t(1) √2 s, and s = |a − b| / √2"


def test_what_cannot_be_had_here_is_not_made(
    results: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    assert main(["results", "verify", str(results), "--sample", "2", "--offline"]) == 1
    said = capsys.readouterr().out
    assert said.count("not made  ") == 2
    assert "movielens-100k is not in the cache and this run is offline" in said
    assert "0 of 2 runs came out as published, 0 of them to the bit, 2 could not be made here" in said


def test_runs_on_other_data_cannot_be_verified(results: Path, movielens_folder: Path) -> None:
    change(results / RECORDS, with_tag(hash_data="0" * 16))
    assert verified_all(results, movielens_folder) == [False] * 4


def test_records_of_the_same_splits_join(results: Path, tmp_path: Path) -> None:
    theirs = Path(shutil.copytree(results / RECORDS, tmp_path / "theirs"))
    assert take_in(theirs, results) == ""
    _, parts = read_parts(results)
    assert [part.entry.folder for part in parts] == [RECORDS, "theirs"]
    assert parts[1].missing.nothing
    assert parts[1].records == parts[0].records
    with pytest.raises(BadInput, match="has a folder theirs already"):
        take_in(theirs, results)


def test_another_budget_is_marked(results: Path, tmp_path: Path) -> None:
    theirs = Path(shutil.copytree(results / RECORDS, tmp_path / "theirs"))
    records = read_records(theirs)
    write_records(replace(records, runs=tuple(run for run in records.runs if run.seed == 0)), theirs)
    assert take_in(theirs, results, "fewer") == "1 seeds, here 2"
    assert read_parts(results)[1][1].entry.note == "1 seeds, here 2"


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (with_tag(hash_split="0" * 16), "its split is .* other data, or divided otherwise"),
        (with_metric(float("nan")), "test/ndcg_at_20 is nan, which no run measures"),
        (with_metric(7.0), "which no run measures"),
        (lambda run: replace(run, tags={}), "its split cannot be told"),
        (lambda run: replace(run, failure="no"), "no run was measured"),
        (lambda run: replace(run, seed=0), "two runs of seed 0"),
    ],
)
def test_records_that_cannot_be_believed_are_refused(
    results: Path, tmp_path: Path, how: Callable[[Record], Record], said: str
) -> None:
    theirs = Path(shutil.copytree(results / RECORDS, tmp_path / "theirs"))
    change(theirs, how)
    before = (results / "results.toml").read_text()
    with pytest.raises(BadInput, match=said):
        take_in(theirs, results)
    assert (results / "results.toml").read_text() == before
    assert not (results / "theirs").exists()


def test_damaged_records_are_refused(results: Path, tmp_path: Path) -> None:
    theirs = Path(shutil.copytree(results / RECORDS, tmp_path / "theirs"))
    with (theirs / "metrics.parquet").open("ab") as file:
        file.write(b"x")
    assert main(["results", "add", str(theirs), "--to", str(results)]) == 2

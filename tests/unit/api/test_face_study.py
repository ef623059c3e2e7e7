"""A study's table from Python: every run and metric in it, failed runs too, and what the study varies."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import harness as h
from harness.api.metric_table import metric_table
from harness.study.records import Record, Records, write_records

RUNS = (
    Record(
        "compare", "bifair", "bifair", "best_ndcg", 0, {"config.eta": 0.1}, run="a", metrics={"test/ndcg_at_20": 0.3}
    ),
    Record(
        "compare", "bifair", "bifair", "best_ndcg", 1, {"config.eta": 0.2}, run="b",
        metrics={"test/ndcg_at_20": 0.25, "test/genre/cv_at_20": 0.5, "training_seconds": 2.0},
    ),
    Record("compare", "ease", "ease", "best_ndcg", 0, {"encoder.name": "random", "method": "x"}, failure="diverged"),
    Record("trial", "ease", "ease", "best_ndcg", 0, number=3, params={"config.l2": None, "groups": ["genre"]}, run="c"),
)  # fmt: skip


@pytest.fixture
def study(tmp_path: Path) -> h.Study:
    write_records(Records("mine", "smoke", {}, RUNS, parent="p"), tmp_path / "records")
    return h.load_study(tmp_path / "records")


def test_every_run_has_its_metrics_and_one_that_failed_its_reason(study: h.Study) -> None:
    table = study.to_frame()
    assert table.select("run", "metric", "k", "value").rows() == [
        ("a", "ndcg", 20, 0.3),
        ("b", "ndcg", 20, 0.25),
        ("b", "cv", 20, 0.5),
        ("b", "training_seconds", None, 2.0),
        ("", None, None, None),
        ("c", None, None, None),
    ]
    assert table.filter(pl.col("failure") != "")["failure"].to_list() == ["diverged"]
    assert table.filter(run="b", metric="cv").select("split", "grouping", "seed").row(0) == ("test", "genre", 1)
    assert repr(study) == "Study(mine, budget smoke, 3 of 4 runs finished)"
    assert study.id == "p"


def test_what_a_study_varies_has_columns_of_its_own(study: h.Study) -> None:
    table = study.to_frame().unique("run", keep="first", maintain_order=True)
    assert table["config.eta"].to_list() == [0.1, 0.2, None, None]
    assert table["encoder.name"].to_list() == [None, None, "random", None]
    assert table["groups"].to_list() == [None, None, None, '["genre"]']
    assert table["method"].to_list() == ["bifair", "bifair", "ease", "ease"]
    assert table["spec.method"].to_list() == [None, None, "x", None]
    assert table["number"].to_list() == [None, None, None, 3]


def test_a_study_that_is_not_there_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path))
    with pytest.raises(h.BadInput, match=r"study 'main' has no run in .*: run it first"):
        h.load_study("main")
    with pytest.raises(h.BadInput, match="unknown study 'mane': did you mean 'main'"):
        h.run_study("mane")
    with pytest.raises(h.BadInput, match="does not hold a study's records"):
        h.run_study("main", archive=tmp_path)
    with pytest.raises(h.BadInput, match=r"study 'main' has no run with budget full in .*: run it first"):
        h.load_study("main", budget="full")


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({"seeds": 0}, "seeds: input should be greater than or equal to 1 (given: 0)"),
        ({"seeds": [0, 1]}, "seeds: input should be a valid integer"),
        ({"trials": -1}, "trials: input should be greater than or equal to 1 (given: -1)"),
        ({"jobs": 0}, "jobs: input should be greater than or equal to 1 (given: 0)"),
        ({"overwrite": "yes"}, "overwrite: input should be 'never', 'only-missing' or 'always' (given: 'yes')"),
        ({"budget": "smok"}, "budget: input should be 'smoke', 'default' or 'full' (given: 'smok')"),
        ({"study": None}, "study: a path is needed, not None"),
        ({"archive": 3}, "archive: a path is needed, not 3"),
    ],
)
def test_how_much_of_a_study_is_checked_before_anything_runs(
    asked: dict[str, Any], message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    with pytest.raises(h.BadInput) as caught:
        h.run_study(**({"study": "methods", "budget": "smoke"} | asked))
    assert str(caught.value).startswith(message)
    assert not (tmp_path / "home").exists()


def test_a_report_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    plan = {"methods": ["bifair"], "selections": ["best_ndcg"], "budgets": {"smoke": {"seeds": [0]}}}
    asked = h.RunSpec(dataset="long-tail").model_dump(mode="json")
    runs = tuple(replace(record, spec=asked) for record in RUNS[:2])
    study = h.Study(Records("mine", "smoke", {"summary": "one"} | plan, runs, parent="p"))
    (tmp_path / "file").write_text("")
    with pytest.raises(h.BadInput, match="file/here cannot be written: Not a directory"):
        study.report(tmp_path / "file" / "here")
    with pytest.raises(h.BadInput, match="file cannot be written: "):
        write_records(study.records, tmp_path / "file")


def test_values_of_the_last_epoch_are_no_metrics_of_a_run(tmp_path: Path) -> None:
    metrics = {"train/loss": 0.1, "epoch/ndcg_at_20": 0.2, "validation/ndcg_at_20": 0.3}
    run = Record("trial", "ease", "ease", "best_ndcg", 0, run="a", metrics=metrics)
    write_records(Records("mine", "smoke", {}, (run,), parent="p"), tmp_path)
    assert h.load_study(tmp_path).to_frame().select("split", "metric", "value").rows() == [("validation", "ndcg", 0.3)]


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("test/ndcg_at_20", ("test", None, "ndcg", 20, None)),
        ("validation/genre/cv_at_5", ("validation", "genre", "cv", 5, None)),
        ("test/genre/utility_at_20/Children_s", ("test", "genre", "utility", 20, "Children_s")),
        ("test/item_individual/utility_at_1/a_at_2", ("test", "item_individual", "utility", 1, "a_at_2")),
        ("best_epoch", (None, None, "best_epoch", None, None)),
        ("unfairness/b_trained/genre/cv_at_20", (None, None, "unfairness/b_trained/genre/cv", 20, None)),
        ("drift/distance", (None, None, "drift/distance", None, None)),
        ("test/odd", ("test", None, "odd", None, None)),
    ],
)
def test_metrics_are_taken_apart(key: str, parts: tuple[str | int | None, ...]) -> None:
    assert metric_table({key: 0.5}).row(0) == (*parts, 0.5)

"""Runs as values: found again, compared, scored anew; and what each says where it cannot."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import harness as h
from harness.domain.metric_key import as_stored
from harness.runs.carry_out import carry_out
from harness.runs.comparison import compare as compare_runs
from harness.runs.context import Context
from harness.runs.rescoring import rescore as score_again
from harness.track import open_tracker

CATALOGUE: dict[str, Any] = {
    "dataset": "long-tail",
    "dataset_options": {"n_users": 120, "n_items": 100, "n_groups": 4, "dim": 8},
    "evaluation": {"origins": False},
    "compute": {"threads": 1},
    "training": {"max_epochs": 2},
}

TABLE: Any = pl.DataFrame({"user": range(9)})


@pytest.fixture(autouse=True, scope="module")
def _own_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_HOME", str(tmp_path_factory.mktemp("home")))
        yield


def spec(method: str, **more: Any) -> h.RunSpec:
    return h.build_spec(CATALOGUE | {"method": method} | more)


@pytest.fixture(scope="module")
def run() -> h.Run:
    return h.run(spec("most_popular"))


@pytest.fixture(scope="module")
def learnt() -> h.Run:
    """Its epoch is chosen by ``fair_within``, so that a reference is trained, too."""
    return h.run(spec("mf", training={"max_epochs": 2, "selection": "fair_within:0.9"}))


def test_a_run_found_in_the_store_is_the_same_in_every_part(run: h.Run) -> None:
    again = h.load_run(run.id)
    assert again == run
    assert {run, again} == {run}
    assert again.spec == run.spec == spec("most_popular")
    assert again.metrics == run.metrics
    assert again.groups.equals(run.groups)
    assert again.top_lists.equals(run.top_lists)
    assert again.to_frame().equals(run.to_frame())
    assert repr(again) == repr(run)
    assert f"Run({run.id}, method=most_popular, dataset=long-tail, group=genre, seed=0, NDCG@10 " in repr(run)


def test_a_run_that_is_found_finished_has_the_metrics_of_the_one_that_was_trained(learnt: h.Run) -> None:
    again = h.run(learnt.spec)
    assert again == learnt
    assert again.metrics == learnt.metrics
    forced = h.run(learnt.spec, force=True)
    assert forced != learnt
    assert forced.metrics["test/ndcg_at_20"] == learnt.metrics["test/ndcg_at_20"]
    assert not [key for key in learnt.metrics if key.startswith(("train/", "epoch/"))]


def test_the_frame_has_every_metric_once_taken_apart(run: h.Run) -> None:
    table = run.to_frame()
    assert table.columns == ["split", "grouping", "metric", "k", "label", "value"]
    assert table.height == len(run.metrics)
    (value,) = table.filter(split="test", grouping="genre", metric="cv", k=20)["value"]
    assert value == run.metrics["test/genre/cv_at_20"]
    assert table.filter(split="test", metric="ndcg", k=10)["grouping"].to_list() == [None]
    utilities = table.filter(split="test", grouping="genre", metric="utility", k=20)
    assert utilities["label"].n_unique() == utilities.height == run.groups.filter(grouping="genre", k=20).height
    assert table.filter(metric="training_seconds")["split"].to_list() == [None]


def test_lists_and_groups_are_those_of_the_artifacts(run: h.Run) -> None:
    lists = run.top_lists
    assert lists.filter(user=lists["user"][0])["rank"].to_list() == [*range(1, 21)]
    assert run.groups.filter(k=20)["grouping"].unique().sort().to_list() == ["genre", "popularity"]


def test_curves_have_a_value_for_every_epoch(learnt: h.Run, run: h.Run) -> None:
    curve = learnt.curves.filter(key="epoch/ndcg_at_20")
    assert curve["epoch"].to_list() == [1, 2]
    kept = curve.filter(epoch=int(learnt.metrics["best_epoch"]))["value"].item()
    assert kept == learnt.metrics["validation/ndcg_at_20"]
    assert "train/loss" in learnt.curves["key"]


def test_runs_are_found_by_what_they_are_tagged_with_newest_first(run: h.Run, learnt: h.Run) -> None:
    assert h.find_runs(method="most_popular") == [run]
    assert learnt in h.find_runs(dataset="long-tail", group="genre", seed=0, evaluated="test")
    assert h.find_runs(spec=run.spec.digest) == [run]
    assert h.find_runs(seed=5) == []
    newer = h.run(spec("most_popular", seed=1))
    assert h.find_runs(method="most_popular") == [newer, run]
    with pytest.raises(h.BadInput, match="unknown filter of find_runs 'metod': did you mean 'method'"):
        h.find_runs(metod="ease")


def test_a_run_that_only_selected_says_so() -> None:
    carry_out(spec("mf"), Context(open_tracker()), touch_test=False)
    selecting = h.find_runs(evaluated="validation")
    assert [run.tags["method"] for run in selecting] == ["mf"]
    (run,) = selecting
    assert "validation/ndcg_at_20" in run.metrics
    for part in ("spec", "groups", "top_lists"):
        with pytest.raises(h.HarnessError, match=f"run {run.id} has no .*: it has no test metrics, as it only selects"):
            getattr(run, part)
    with pytest.raises(h.BadInput, match=f"run {run.id} has no test metrics: it only selects"):
        h.rescore(run, "popularity")


def test_a_run_that_was_not_recorded_has_its_metrics_alone() -> None:
    run = h.run(spec("random"), tracking_uri="none")
    assert run.metrics["test/ndcg_at_20"] > 0
    assert run.spec.method == "random"
    assert run.curves.is_empty()
    with pytest.raises(h.HarnessError, match="was not recorded: it has no top_lists"):
        run.top_lists  # noqa: B018


def test_an_unknown_run_is_one_line() -> None:
    with pytest.raises(h.BadInput, match="no run nothing in sqlite"):
        h.load_run("nothing")
    with pytest.raises(h.BadInput, match="run: a RunSpec is needed, not dict: build_spec makes one"):
        h.run({"method": "ease"})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (lambda: h.RunSpec(methd="ease"), "unknown key 'methd': did you mean 'method'?"),
        (lambda: h.RunSpec(training={"epochs": 3}), "unknown key 'training.epochs': did you mean 'max_epochs'?"),
        (lambda: h.RunSpec(encoder="random"), "encoder: a table of options is needed (given: 'random')"),
        (lambda: h.RunSpec(seed=-1), "seed: input should be greater than or equal to 0 (given: -1)"),
        (lambda: h.RunSpec(dataset=TABLE), "dataset: a name is needed, not a value of type DataFrame"),
        (lambda: h.load_spec(None), "load_spec: a path is needed, not None"),
        (lambda: h.load_spec("a\0b"), r"load_spec: a path is needed, not 'a\x00b'"),
        (lambda: h.run(h.RunSpec(method="random"), data=5), "data: a path is needed, not 5"),
        (lambda: h.run(h.RunSpec(method="random"), tracking_uri=Path("x.db")), "tracking_uri: text is needed, not "),
        (lambda: h.find_runs(method=None), "find_runs: method is text or a whole number, not None"),
        (lambda: h.find_runs(method=["ease"]), "find_runs: method is text or a whole number, not ['ease']"),
        (lambda: h.load_run(None), "the id of a run: text is needed, not None"),
        (lambda: h.compare(None), "compare: a list is needed, not None"),
        (lambda: h.compare("abc"), "compare: a list is needed, not 'abc'"),
        (lambda: h.compare([1, 2]), "the id of a run: text is needed, not 1"),
        (lambda: h.compare(["a", "b"], resamples=0), "resamples: a whole number of at least 1 is needed, not 0"),
        (lambda: h.rescore(3, "genre"), "the id of a run: text is needed, not 3"),
        (
            lambda: h.rescore("a", h.Run),
            "fairness: a name or a file is needed, not the class Run: write it into a file",
        ),
        (lambda: h.rescore("a", "no/such.py"), "plug-in file "),
        (lambda: h.add_plugin(None), "add_plugin: a path is needed, not None"),
    ],
)
def test_what_is_wrong_is_one_line_before_anything_begins(asked: Callable[[], object], message: str) -> None:
    with pytest.raises(h.BadInput) as caught:
        asked()
    assert str(caught.value).startswith(message)
    assert "\n" not in str(caught.value)


def test_silence_but_for_warnings(capsys: pytest.CaptureFixture[str]) -> None:
    one = {"dataset_options": CATALOGUE["dataset_options"] | {"n_groups": 1}, "groups": ["genre"]}
    with pytest.warns(UserWarning, match="genre has the one group 'genre 1'|genre has the one group"):
        h.run(spec("random", **one))
    assert capsys.readouterr().out == ""
    h.run(spec("random", seed=2), verbose=True)
    assert "random on long-tail" in capsys.readouterr().out


def test_compare_is_what_the_command_line_computes(run: h.Run, learnt: h.Run) -> None:
    found = h.compare([run, learnt.id], resamples=200)
    expected = compare_runs([run.id, learnt.id], Context(open_tracker()), resamples=200)
    (tested,) = found.tests.rows(named=True)
    assert tested["run"] == learnt.id
    assert tested["holm"] == tested["benjamini_hochberg"] == tested["permutation"]
    table = found.to_frame()
    for key, difference in expected.differences[0].items():
        own = pl.col("grouping").is_null() if not key.grouping else pl.col("grouping") == key.grouping
        row = table.filter(
            own,
            pl.col("label").is_null(),
            pl.col("run") == learnt.id,
            pl.col("metric") == key.name,
            pl.col("k") == key.k,
        )
        assert row.select("difference", "low", "high", "excludes_zero").row(0) == (
            difference.difference,
            difference.low,
            difference.high,
            difference.excludes_zero,
        )
    assert table.filter(run=run.id)["difference"].null_count() == table.filter(run=run.id).height
    assert table.height == sum(len(one.metrics) for one in expected.runs)
    assert found.specs["method"] == ["most_popular", "mf"]
    assert "B − A, resampling" in repr(found)


def test_runs_that_come_one_by_one_are_compared_in_their_own_store(run: h.Run, tmp_path: Path) -> None:
    elsewhere = f"sqlite:///{tmp_path}/other.db"
    pair = [h.run(spec(method), tracking_uri=elsewhere) for method in ("random", "most_popular")]
    assert h.compare((each for each in pair), resamples=10).compared.runs[0].id == pair[0].id  # type: ignore[arg-type]


def test_what_cannot_be_compared_is_one_line(run: h.Run, tmp_path: Path) -> None:
    with pytest.raises(h.BadInput, match="two to 26 runs are needed, not 1"):
        h.compare([run])
    elsewhere = h.run(spec("random"), tracking_uri=f"sqlite:///{tmp_path}/other.db")
    with pytest.raises(h.BadInput, match=r"the runs are in several stores, .* and .*: one is needed"):
        h.compare([run, elsewhere])
    assert h.rescore(elsewhere, "popularity").metrics  # a run knows its own store


def test_rescore_is_what_the_command_line_computes(run: h.Run) -> None:
    scores = h.rescore(run, "popularity", bins=3)
    expected = score_again(run.id, "popularity", Context(open_tracker()), options={"bins": 3})
    assert as_stored(expected.metrics, "test").items() <= scores.metrics.items()
    assert scores.groups["group"].to_list() == [row.group for row in expected.groups]
    assert "scored under popularity" in repr(scores)
    assert "ndcg" not in scores.to_frame()["metric"]
    with pytest.raises(h.BadInput, match=r"unknown key 'groupings\.popularity\.bims': did you mean 'bins'"):
        h.rescore(run, "popularity", bims=3)


def test_a_spec_file_is_one_line_where_it_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "mine.toml").write_text('method = "bifare"\n')
    with pytest.raises(h.BadInput, match="unknown method 'bifare': did you mean 'bifair'"):
        h.load_spec(tmp_path / "mine.toml")

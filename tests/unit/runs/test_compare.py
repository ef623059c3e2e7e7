"""Comparing finished runs: what is refused, what is shown, and that kept lists give the recorded metrics back."""

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from harness.base.errors import BadInput
from harness.cli.app import main
from harness.console.comparison_tables import print_comparison
from harness.console.literal_console import LiteralConsole
from harness.domain.metric_key import MetricKey
from harness.runs.comparison import ABSENT, Comparison, compare, finished_runs, spec_differences
from harness.runs.context import Context
from harness.runs.kept_file import SPEC_FILE
from harness.runs.run import run
from harness.spec.build import build_spec
from harness.track.memory import MemoryRun, MemoryTracker

if TYPE_CHECKING:
    from harness.runs.experiment import Experiment

HASHES = {"hash.data": "d", "hash.split": "s"}


@pytest.fixture
def store() -> MemoryTracker:
    return MemoryTracker()


def record(
    store: MemoryTracker,
    folder: Path,
    tags: dict[str, str] | None = None,
    metrics: dict[str, float] | None = None,
    status: Any = "FINISHED",
    **asked: Any,
) -> MemoryRun:
    """A made-up run with a real spec."""
    made = store.start("made up", {}, HASHES | (tags or {}))
    made.log_metrics({"test/ndcg_at_20": 0.25} if metrics is None else metrics, step=1)
    (folder / SPEC_FILE).write_text(json.dumps(build_spec(asked).model_dump(mode="json")))
    made.log_artifacts(folder)
    if status is not None:
        made.end(status)
    return made


def test_runs_on_one_split_can_be_compared(store: MemoryTracker, tmp_path: Path) -> None:
    ids = [record(store, tmp_path, method=method).id for method in ("bifair", "alpharec")]
    found = finished_runs(ids, store)
    assert [(made.letter, made.id) for made in found] == [("A", ids[0]), ("B", ids[1])]
    assert found[0].spec.title == "bifair on movielens-100k, trained on genre groups, seed 0"
    assert found[0].metrics == {MetricKey("ndcg", 20): 0.25}


@pytest.mark.parametrize(
    ("tags", "asked", "complaint"),
    [
        ({"hash.split": "t"}, {"seed": 1}, "same split: they differ in seed; .* --set data.split_seed=0"),
        ({"hash.split": "t"}, {"data": {"ratios": [0.8, 0.1, 0.1]}}, r"same split: they differ in data\.ratios$"),
        ({"hash.data": "e", "hash.split": "t"}, {"data": {"core": 10}}, r"same data: they differ in data\.core$"),
        ({}, {"evaluation": {"users": 100}}, r"same users: they differ in evaluation\.users$"),
    ],
)
def test_runs_that_were_measured_on_something_else_are_refused(
    store: MemoryTracker, tmp_path: Path, tags: dict[str, str], asked: dict[str, Any], complaint: str
) -> None:
    ids = [record(store, tmp_path).id, record(store, tmp_path, tags, **asked).id]
    with pytest.raises(BadInput, match=complaint):
        finished_runs(ids, store)


def test_what_cannot_be_compared_is_refused(store: MemoryTracker, tmp_path: Path) -> None:
    run_id = record(store, tmp_path).id
    running, trial = record(store, tmp_path, status=None), record(store, tmp_path, metrics={"validation/ndcg_at_20": 1})
    for ids, complaint in [
        ([run_id], "two to 26 runs are needed, not 1"),
        ([run_id, run_id], f"run {run_id} is given twice"),
        ([run_id, "run-99"], "no run run-99"),
        ([run_id, running.id], f"run {running.id} has not finished"),
        ([run_id, trial.id], f"run {trial.id} has no test metrics"),
    ]:
        with pytest.raises(BadInput, match=complaint):
            finished_runs(ids, store)


def test_shorter_lists_than_the_headline_are_refused_before_data_are_read(store: MemoryTracker, tmp_path: Path) -> None:
    short = record(store, tmp_path, evaluation={"ks": [10], "headline_k": 10})
    with pytest.raises(BadInput, match=f"run {short.id} kept lists of 10: metrics @20 cannot be compared"):
        compare([record(store, tmp_path).id, short.id], Context(store))


def test_specs_differ_where_they_do() -> None:
    specs = [{"seed": 0, "config": {"eta": 0.1, "T": 50}}, {"seed": 0, "config": {"eta": 0.2, "hidden": None}}]
    found = spec_differences(specs)
    assert found == {"config.eta": ["0.1", "0.2"], "config.T": ["50", ABSENT], "config.hidden": [ABSENT, "null"]}
    assert spec_differences([specs[0], specs[0]]) == {}


def test_a_misspelt_run_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["compare", "a", "b", "--tracking-uri", "none", "--home", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith("error: no run a: runs are not recorded here")


QUICK: dict[str, Any] = {"evaluation": {"origins": False, "ks": [10, 20]}, "compute": {"threads": 1}}


@pytest.fixture(scope="module")
def compared(
    movielens: "Experiment", movielens_folder: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Comparison, MemoryTracker]:
    """Three real runs that need no training."""
    store = MemoryTracker()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_HOME", str(tmp_path_factory.mktemp("home")))
        specs = [build_spec({**QUICK, "method": method}) for method in ("most_popular", "itemknn", "random")]
        ids = [run(spec, Context(store), experiment=movielens).id for spec in specs]
        return compare(ids, Context(tracker=store, data_folder=movielens_folder), resamples=200), store


def test_kept_lists_give_the_recorded_metrics_back(compared: tuple[Comparison, MemoryTracker]) -> None:
    comparison, _ = compared
    first, *others = comparison.runs
    for other, differences in zip(others, comparison.differences, strict=True):
        assert set(map(str, differences)) == {"ndcg_at_20", "genre/cv_at_20", "genre/min25_at_20"}
        for key, found in differences.items():
            assert found.first == pytest.approx(first.metrics[key])
            assert found.second == pytest.approx(other.metrics[key])
            assert found.low <= found.high


def test_a_method_that_guesses_is_told_from_one_that_does_not(compared: tuple[Comparison, MemoryTracker]) -> None:
    ndcg = compared[0].differences[1][MetricKey("ndcg", 20)]
    assert ndcg.high < 0
    assert ndcg.excludes_zero


def test_the_same_difference_is_tested_by_user(compared: tuple[Comparison, MemoryTracker]) -> None:
    comparison, _ = compared
    for differences, tests in zip(comparison.differences, comparison.tests, strict=True):
        assert tests.difference == pytest.approx(differences[MetricKey("ndcg", 20)].difference)
        assert tests.n == comparison.n_users
    guessed = comparison.tests[1]
    assert max(guessed.t, guessed.wilcoxon, guessed.permutation) < 0.001
    assert guessed.permutation == 1 / 10_000  # as few as so many permutations can say


def test_tables_begin_with_the_headline_and_fit_80_columns(compared: tuple[Comparison, MemoryTracker]) -> None:
    comparison, _ = compared
    leading = ["ndcg_at_20", "recall_at_20", "genre/cv_at_20", "genre/min25_at_20"]
    assert [str(key) for key in comparison.metric_keys()[:4]] == leading
    assert not [key for key in comparison.metric_keys() if key.k == 10 or key.name == "utility"]
    assert set(comparison.metric_keys(everything=True)) == set(comparison.runs[0].metrics)
    stream = io.StringIO()
    print_comparison(LiteralConsole(file=stream, width=80, color_system=None), comparison)
    lines = stream.getvalue().splitlines()
    titles, rest = lines[:3], lines[3:]
    assert [line[:1] for line in titles] == ["A", "B", "C"]
    assert max(map(len, rest)) <= 80
    text = " ".join(" ".join(rest).split())
    for key, found in comparison.differences[0].items():
        assert f"{key} │ {found.difference:+.4f} │ {found.low:+.4f}" in text
    assert "not corrected for there being 2 comparisons" in text
    told = comparison.tests[1]
    assert f"C − A │ {told.differ:,} of {told.n:,} │ {told.t:.4f}" in text
    assert "Holm" in text
    assert "tested over seeds" in text

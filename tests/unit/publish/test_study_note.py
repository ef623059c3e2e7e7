"""What a study's own run says of itself: before there is a result, and with it; of comparisons and of searches."""

import shlex
from pathlib import Path

import pytest

from harness.base import paths
from harness.publish.run_study import run_study
from harness.runs.context import Context
from harness.runs.description import NOTE_TAG, UNFINISHED
from harness.study.study_spec import load_study
from harness.track.memory import MemoryTracker

BASE = """
[base]
dataset = "long-tail"
"dataset_options.n_users" = 80
"dataset_options.n_items" = 60
"dataset_options.n_groups" = 3
"encoder.name" = "random"
"evaluation.origins" = false
"evaluation.ks" = [5]
"evaluation.headline_k" = 5
"training.max_epochs" = 1
"""
GRID = 'summary = "two | of them"\nmethods = ["mf", "most_popular"]\n' + BASE + "[budgets.default]\nseeds = [0]\n"
SEARCH = (
    'summary = "one"\nmethods = ["mf"]\n[objectives]\n"validation/ndcg_at_5" = "maximize"\n'
    + '[space."config.learning_rate"]\nlow = 0.001\nhigh = 0.01\n'
    + BASE
    + "[budgets.default]\ntrials = 2\n"
)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path) -> None:
    paths.choose_home(tmp_path / "home")


def note(text: str, folder: Path, **options: int) -> str:
    """Of the study that ``text`` declares, at its end."""
    file = folder / "tiny.toml"
    file.write_text(text)
    tracker = MemoryTracker()
    context = Context(tracker, keep_models=False)
    tree = {"compute": {"threads": 1}, "config": {"dim": 8}} if text is SEARCH else {"compute": {"threads": 1}}
    done = run_study("tiny", load_study(str(file)), tree, context, **options)
    return tracker.runs[done.id].tags[NOTE_TAG]


def test_a_comparison_names_the_most_accurate_and_the_fairest(tmp_path: Path) -> None:
    text = note(GRID, tmp_path, seeds=2)
    assert text.startswith(r"**tiny**: two \| of them; on **long-tail**, ")
    assert UNFINISHED not in text
    assert "4 of 4 runs finished; on test data the most accurate" in text
    assert "means over 2 seeds" in text
    command = shlex.split(text.splitlines()[-2])
    assert command == [
        *("harness", "run", "--study", "tiny.toml", "--budget", "default", "--seeds", "2"),
        *("--set", "compute.threads=1"),
    ]


def test_a_search_names_its_best_trial(tmp_path: Path) -> None:
    text = note(SEARCH, tmp_path, trials=1)
    assert "1 of 1 run finished; the best trial on validation data has NDCG@5" in text
    assert "--budget default --trials 1 " in text


def test_no_two_runs_of_studies_have_one_name(tmp_path: Path) -> None:
    file = tmp_path / "tiny.toml"
    file.write_text(GRID.replace("budgets.default]", "budgets.default]\ntrials = 2") + "[budgets.smoke]\nseeds = [1]\n")
    tracker = MemoryTracker()
    tree = {"compute": {"threads": 1}}
    for asked, options in ((tree, {}), (tree | {"method": "mf"}, {}), (tree, {"budget": "smoke"})):
        run_study("tiny", load_study(str(file)), asked, Context(tracker, keep_models=False), **options)
    names = [run.name for run in tracker.runs.values()]
    assert len(set(names)) == len(names)
    assert [name for name in names if name.startswith("study")] == [
        "study tiny: long-tail, default",
        "study tiny: long-tail, default, method mf",
        "study tiny: long-tail, smoke",
    ]
    assert sum(name.endswith("validation only") for name in names) > 2

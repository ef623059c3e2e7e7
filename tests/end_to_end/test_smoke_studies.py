"""Every study that ships runs at its smallest budget: real data, language model, Optuna, store and report."""

import html
import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from harness.plugins.registry import registry
from harness.publish.run_study import run_study
from harness.report.writers import HTML_FILE, MARKDOWN_FILE
from harness.runs.context import Context
from harness.runs.observer import Observer
from harness.study.study_spec import GridSpec, load_study
from harness.track import Tracker, open_tracker

if TYPE_CHECKING:
    from harness.runs.experiment import Experiment


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("studies")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_HOME", str(folder))
        yield folder


@pytest.fixture(scope="module")
def tracker(home: Path) -> Tracker:
    return open_tracker(f"sqlite:///{home}/runs.db")


class Lines(Observer):
    """What was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def say(self, line: str) -> None:
        self.said.append(line)


@pytest.mark.parametrize("name", registry.names("study"))
def test_every_study_ends_in_a_report(
    name: str, tracker: Tracker, home: Path, movielens_folder: Path, movielens: "Experiment"
) -> None:
    study = load_study(name)
    assert "smoke" in study.budgets, "every study has a budget of minutes"
    # The efficiency study isolates its runs, which here would measure nothing but the starts of processes.
    study = study.model_copy(update={"isolated": False}) if isinstance(study, GridSpec) else study
    lines = Lines()
    result = run_study(
        name,
        study,
        {"compute": {"threads": 1}},
        Context(tracker, data_folder=None if name == "efficiency" else movielens_folder).watched_by(lines),
        budget="smoke",
    )
    failures = {record.failure for record in result.records.runs} - {""}
    assert all(failure.startswith("none qualifies") for failure in failures), failures
    assert any(record.finished for record in result.records.runs)
    assert not [line for line in lines.said if " nan" in line], "a run is told by what was measured of it"

    ids = {record.run for record in result.records.runs if record.run}
    known = {run.id: run.status for run in tracker.children(result.id)}
    assert set(known.values()) == {"FINISHED"}
    assert {tracker.finished(run).id for run in ids} == ids
    judged_on_test = {record.run for record in result.records.stage("compare") if record.finished}
    for run in known:
        touched = [key for key in tracker.finished(run).metrics if key.startswith("test/")]
        assert bool(touched) == (run in judged_on_test), "only what is compared touches test data"

    page = tracker.artifact(result.id, f"report/{HTML_FILE}").decode()
    assert f"{name}: {study.summary}" in html.unescape(page)
    assert (result.folder / MARKDOWN_FILE).read_bytes() == tracker.artifact(result.id, f"report/{MARKDOWN_FILE}")
    head = json.loads(tracker.artifact(result.id, "records/study.json"))
    assert (head["study"], head["budget"], head["parent"]) == (name, "smoke", result.id)

"""What is looked up in a store: whether a run has been made, what a study's report is made of, the page of runs."""

import json
import urllib.request
from collections.abc import Mapping
from typing import Any

from benchmarks.timing import Step
from benchmarks.writers import METRICS, spec_of
from harness.runs.context import Context
from harness.runs.identity import IDENTITY, find_finished, tags_of
from harness.study.execute.own_process import Here
from harness.study.runner import Runner
from harness.study.study_run import STUDY_TAG
from harness.track import Tracker
from tests.mlflow_server import MlflowServer

THERE, MISSING = 3, 10**7
"""Numbers of a run that is there and of one that is not."""
STUDY, STUDY_RUNS = "of ten runs", 10
"""A study of the runs that are there from the beginning."""
PAGE = 100
FIND, MISS = "find_finished", "find_finished, of a run that is not there"
BEFORE = "a join for each tag, no index"
NEWEST_FIRST = "attributes.start_time DESC"


def finding(context: Context) -> dict[str, Step]:
    """``find_finished``, and what it does before it asks."""

    def find() -> None:
        assert find_finished(spec_of(THERE), context) is not None

    def miss() -> None:
        assert find_finished(spec_of(MISSING), context) is None

    return {FIND: find, MISS: miss}


def tagging(context: Context) -> dict[str, Step]:
    """What ``find_finished`` does before it asks."""
    return {"what a run is known by (tags_of)": lambda: tags_of(spec_of(THERE), context, touch_test=True)}


def finding_as_before(context: Context) -> dict[str, Step]:
    """All tags of the run in one condition."""

    def find() -> None:
        tags = tags_of(spec_of(THERE), context, touch_test=True)
        assert context.tracker.find({key: tags[key] for key in IDENTITY if key in tags}) is not None

    return {BEFORE: find}


def report(context: Context) -> dict[str, Step]:
    """What a study asks its store when it makes its report: a record and curves of each run."""
    study = _study(context.tracker)
    runs = [run for number in range(STUDY_RUNS) if (run := find_finished(spec_of(number), context)) is not None]
    assert len(runs) == STUDY_RUNS
    runner = Runner(context, study, Here(context, study))

    def read() -> None:
        assert _study(context.tracker) == study
        for number, run in enumerate(runs):
            record = runner.record(spec_of(number), run=run.id, stage="compare", variant="random")
            assert runner.curves([record.run], METRICS[:4])

    return {f"a study's report, {STUDY_RUNS} runs": read}


def page(address: str, experiment: str) -> dict[str, Step]:
    """The page of runs, as MLflow's server asks its store for it."""
    from mlflow import MlflowClient

    client = MlflowClient(tracking_uri=address)
    number = client.get_experiment_by_name(experiment).experiment_id

    def show() -> None:
        assert client.search_runs([number], order_by=[NEWEST_FIRST], max_results=PAGE)

    return {f"the page of runs, newest {PAGE}": show}


def page_through(ui: MlflowServer, experiment: str) -> dict[str, Step]:
    """The page of runs, as a browser asks the server for it."""
    found = _posted(ui, "experiments/search", {"max_results": PAGE})["experiments"]
    numbers = [one["experiment_id"] for one in found if one["name"] == experiment]
    asked = {"experiment_ids": numbers, "order_by": [NEWEST_FIRST], "max_results": PAGE}

    def show() -> None:
        assert _posted(ui, "runs/search", asked)["runs"]

    return {f"the page of runs, newest {PAGE}": show}


def _study(tracker: Tracker) -> str:
    found = tracker.find({STUDY_TAG: STUDY})
    assert found is not None
    return found.id


def _posted(ui: MlflowServer, what: str, body: Mapping[str, Any]) -> Any:
    url = f"http://127.0.0.1:{ui.port}/ajax-api/2.0/mlflow/{what}"
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)

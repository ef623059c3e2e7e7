"""Where MLflow's pages show runs, and that the experiment tells them its columns."""

import json
from pathlib import Path

from harness.track.mlflow_pages import VIEW_TAG
from harness.track.mlflow_tracker import MlflowTracker
from harness.track.uri import resolve_uri

METRICS = ["test/ndcg_at_20", "test/it's/cv_at_20"]


def test_the_page_of_runs_knows_its_columns_and_is_sorted_by_the_first(tmp_path: Path) -> None:
    uri = resolve_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    tracker = MlflowTracker(uri, "pages")
    assert tracker.page_of_runs(METRICS) == "", "there is no store yet, and asking makes none"
    assert not (tmp_path / "mlflow.db").exists()
    tracker.start("a run", {}, {}).end("FINISHED")
    page = tracker.page_of_runs(METRICS)
    assert page == "/#/experiments/1/runs?workflowType=machine_learning&viewStateShareKey=harness"
    assert tracker.page_of_runs([]) == "/#/experiments/1/runs?workflowType=machine_learning"

    import mlflow

    tags = mlflow.MlflowClient(uri.text).get_experiment("1").tags
    assert json.loads(tags[VIEW_TAG]) == {
        "orderByKey": "metrics.`test/ndcg_at_20`",
        "orderByAsc": False,
        "selectedColumns": ["metrics.`test/ndcg_at_20`", "metrics.`test/it_s/cv_at_20`"],
    }

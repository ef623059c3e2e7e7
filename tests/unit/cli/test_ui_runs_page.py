"""``harness ui`` leads to the newest measured run's columns, and opens a browser where somebody sees it."""

import webbrowser
from pathlib import Path

import pytest

from harness.cli.ui_runs_page import open_browser, runs_page
from harness.runs.context import Context
from harness.runs.run import run
from harness.spec.build import build_spec
from harness.track.mlflow_tracker import MlflowTracker
from harness.track.uri import resolve_uri


def test_columns_are_those_of_the_grouping_trained_on(tmp_path: Path) -> None:
    uri = resolve_uri(f"sqlite:///{tmp_path / 'mlflow.db'}")
    tracker = MlflowTracker(uri, "pages")
    tracker.start("not measured", {}, {}).end("FINISHED")
    assert "viewStateShareKey" not in runs_page(tracker)
    spec = build_spec(
        {
            "method": "most_popular",
            "dataset": "long-tail",
            "dataset_options": {"n_users": 80, "n_items": 60, "n_groups": 3},
            "evaluation": {"ks": [5, 10], "headline_k": 10, "origins": False},
        }
    )
    run(spec, Context(tracker, keep_models=False))
    assert "viewStateShareKey" in runs_page(tracker)

    import mlflow

    (view,) = [text for key, text in mlflow.MlflowClient(uri.text).get_experiment("1").tags.items() if "View" in key]
    for metric in ("ndcg", f"{spec.group}/cv", f"{spec.group}/min25"):
        assert f"metrics.`test/{metric}_at_10`" in view


@pytest.mark.skipif("sys.platform == 'darwin' or os.name != 'posix'", reason="there is always a screen")
def test_a_browser_opens_only_where_there_is_a_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr(webbrowser, "open", opened.append)
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    open_browser("http://localhost:1")
    assert opened == []
    monkeypatch.setenv("DISPLAY", ":0")
    open_browser("http://localhost:2")
    assert opened == ["http://localhost:2"]

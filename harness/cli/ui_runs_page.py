"""The page that ``harness ui`` leads to: the runs, sorted by accuracy, beside their fairness."""

import os
import sys
import webbrowser
from typing import TYPE_CHECKING

from harness.base.errors import HarnessError

if TYPE_CHECKING:
    from harness.track.mlflow_tracker import MlflowTracker


def runs_page(tracker: "MlflowTracker") -> str:
    """What follows the server's address: the page of runs, with the columns that its newest measured run has."""
    return tracker.page_of_runs(_columns(tracker))


def _columns(tracker: "MlflowTracker") -> list[str]:
    """NDCG, and CV and MIN of the grouping trained on, of the newest run that was measured on test data."""
    from harness.runs.description import HEADLINE
    from harness.runs.kept_file import kept_spec
    from harness.spec.spec_view import SpecView

    newest = tracker.find_finished({"evaluated": "test"})
    if newest is None:
        return []
    try:
        spec = SpecView(kept_spec(tracker, newest.id))
    except HarnessError:  # its files are gone or damaged: the page shows the columns that MLflow chooses
        return []
    keys = (str(spec.metric(declared)) for declared in HEADLINE)
    return [key for key in keys if key in newest.metrics]


def open_browser(url: str) -> None:
    """Open a page where somebody can see it; a browser in text would take the terminal."""
    screen = os.name != "posix" or sys.platform == "darwin" or {"DISPLAY", "WAYLAND_DISPLAY", "BROWSER"} & {*os.environ}
    if screen:
        webbrowser.open(url)

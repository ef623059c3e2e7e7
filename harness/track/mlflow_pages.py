"""Where MLflow's web pages show runs, and how: its addresses, and what it calls a shared view.

Columns are no part of an address. The page reads them from a tag of the experiment that the address names, which is
how its own button "Share" hands a view on; sorting is in the same tag, as it is ignored where the address has any.
"""

import json
from collections.abc import Sequence
from typing import Any

from harness.track.names import clean_name

VIEW = "harness"
"""The name of the view; its tag is written anew each time."""
VIEW_TAG = f"mlflow.sharedViewState.{VIEW}"


def page_of_runs(experiment_id: str, view: bool) -> str:
    """What follows a server's address where it shows the runs of an experiment; ``view``: as :func:`keep_view` said."""
    shared = f"&viewStateShareKey={VIEW}" if view else ""
    return f"/#/experiments/{experiment_id}/runs?workflowType=machine_learning{shared}"


def keep_view(client: Any, experiment_id: str, metrics: Sequence[str]) -> None:
    """Tell the page of runs its columns: ``metrics``, by the first of which runs are sorted, the largest first.

    Args:
        client: MLflow's
        metrics: keys in the store
    """
    columns = [f"metrics.`{clean_name(key)}`" for key in metrics]
    state = {"orderByKey": columns[0], "orderByAsc": False, "selectedColumns": columns}
    client.set_experiment_tag(experiment_id, VIEW_TAG, json.dumps(state))

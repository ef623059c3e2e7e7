"""Names of groups that are no part of a key are kept beside them."""

from harness.runs.context import Context
from harness.runs.group_labels import group_labels
from harness.runs.run import run
from harness.spec.build import build_spec
from harness.track.memory import MemoryTracker


def test_a_run_keeps_the_names_that_its_keys_do_not_show() -> None:
    tracker = MemoryTracker()
    spec = build_spec(
        {
            "method": "most_popular",
            "dataset": "long-tail",
            "dataset_options": {"n_users": 80, "n_items": 60, "n_groups": 3},
            "groups": ["popularity"],
            "group": "popularity",
            "evaluation": {"ks": [5], "headline_k": 5, "origins": False},
        }
    )
    done = run(spec, Context(tracker, keep_models=False))
    labels = group_labels(tracker.runs[done.id].tags, "popularity")
    assert labels["popularity_1_most"] == "popularity 1 most"
    shown = {key.rpartition("/")[2] for key in done.metrics if key.startswith("test/popularity/utility_at_5/")}
    assert set(labels) <= shown


def test_runs_from_before_have_none() -> None:
    assert group_labels({}, "genre") == {}

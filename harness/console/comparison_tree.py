"""Runs side by side, for programs."""

from dataclasses import asdict
from typing import Any

from harness.domain.metric_key import as_stored
from harness.runs.against import difference_rows
from harness.runs.comparison import Comparison, spec_differences


def comparison_tree(comparison: Comparison) -> dict[str, Any]:
    """Runs side by side: their specs where they differ, their test metrics, and differences from the first one."""
    first, *_ = comparison.runs
    others = [run.id for run in comparison.runs[1:]]
    found = dict(zip(others, comparison.differences, strict=True))
    tests = dict(zip(others, comparison.tests, strict=True))
    return {
        "first": first.id,
        "group": comparison.group,
        "k": comparison.k,
        "resamples": comparison.resamples,
        "users": comparison.n_users,
        "specs": spec_differences([run.spec.tree for run in comparison.runs]),
        "runs": [
            {
                "run": run.id,
                "title": run.spec.title,
                "metrics": as_stored(run.metrics, "test"),
                "differences": difference_rows(found.get(run.id, {})),
                "tests_over_users": asdict(tests[run.id]) if run.id in tests else None,
            }
            for run in comparison.runs
        ],
    }

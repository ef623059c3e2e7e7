"""Consoles for programs: findings alone, as the table that people read or as JSON."""

import json
import sys
from typing import Any

from harness.base.json_values import without_nan
from harness.console.plain import PlainConsole
from harness.domain.metric_key import as_stored
from harness.runs.observer import Observer
from harness.runs.summary import Summary

WARNING = "warning"


class QuietConsole(Observer):
    """Lines of warning, on standard error, and the findings."""

    def say(self, line: str) -> None:
        if line.lstrip().startswith(WARNING):
            PlainConsole(sys.stderr).say(line)

    def result(self, summary: Summary) -> None:
        PlainConsole().result(summary)


class JsonConsole(QuietConsole):
    """The same, with findings as one JSON object on standard output."""

    def result(self, summary: Summary) -> None:
        print_json(summary_tree(summary))


def summary_tree(summary: Summary) -> dict[str, Any]:
    """The findings of a run as JSON knows them."""
    against = summary.against
    return {
        "title": summary.title,
        **summary.where,
        "metrics": as_stored(summary.metrics, "test"),
        "groups": [row._asdict() for row in summary.groups],
        "left_out": {grouping: list(names) for grouping, names in summary.left_out.items()},
        "against": None if against is None else against.tree,
        "notes": list(summary.notes),
    }


def print_json(tree: Any) -> None:
    """Print a value as JSON; a number that is none is null."""
    print(json.dumps(without_nan(tree), indent=2, ensure_ascii=False, allow_nan=False))

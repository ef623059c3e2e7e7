"""Runs of plug-ins inside plug-ins, before and after the inner one's file has changed: ``nested_runs.py CARD FOLDER``.

A process of its own, as plug-ins stay registered for as long as a process lives; a changed file is added again. Answers
in JSON on standard output: by scenario, whether each of three runs was found finished: the second is of the same files,
the third of changed ones.
"""

import json
import sys
from pathlib import Path
from typing import Any

from harness.plugins.registry import registry
from harness.runs.context import Context
from harness.runs.run import run
from harness.spec.build import build_spec
from harness.track.memory import MemoryTracker

SMALL = {"data": {"core": 1}, "evaluation": {"ks": [5], "headline_k": 5, "origins": False}, "compute": {"threads": 1}}
QUICK: dict[str, Any] = {
    "encoder": {"name": "random"},
    "training": {"max_epochs": 1},
    "method": "most_popular",
    **SMALL,
}


def crossed(*of: str, **options: Any) -> dict[str, Any]:
    return {"intersection": {"of": of, "min_members": 1, "options": options}}


NESTED: dict[str, tuple[str, dict[str, Any]]] = {
    "nothing foreign": ("decade", {}),
    "not used": ("even", {"group": "decade"}),
    "used": ("decade", {"group": "decade"}),
    "part of an intersection": ("decade", {"group": "intersection", "groupings": crossed("genre", "decade")}),
    "part of a part": (
        "decade",
        {
            "group": "intersection",
            "groupings": crossed("genre", "intersection", **crossed("decade", "popularity")),
        },
    ),
    "one of two sides": (
        "regulars",
        {"group": "two_sided", "groupings": {"two_sided": {"items": "genre", "users": "regulars"}}},
    ),
    "disparity": ("spread", {"group": "regulars"}),
    "disparity of a part": (
        "spread",
        {"group": "two_sided", "groupings": {"two_sided": {"items": "genre", "users": "regulars"}}},
    ),
    "named by a foreign definition": ("decade", {"group": "echo"}),
    "balancer": ("even", {"method": "joint", "config": {"balancer": "even", "min_rows": 4}}),
    "reference": (
        "listless",
        {"method": "itemknn", "evaluation": SMALL["evaluation"] | {"reference": "listless"}}
        | {"training": {"selection": "fair_within:0.5"}},
    ),
}


def main(card: str, folder: Path) -> dict[str, list[bool]]:
    for file in sorted(folder.glob("*.py")):
        registry.add_file(file)
    return {name: _found_finished(card, folder / f"{inner}.py", keys) for name, (inner, keys) in NESTED.items()}


def _found_finished(card: str, inner: Path, keys: dict[str, Any]) -> list[bool]:
    spec, tracker = build_spec({**QUICK, "dataset": card, **keys}), MemoryTracker()
    found = [run(spec, Context(tracker)).reused for _ in range(2)]
    inner.write_text(inner.read_text() + "\n# changed\n")
    registry.add_file(inner)
    return [*found, run(spec, Context(tracker)).reused]


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]))))

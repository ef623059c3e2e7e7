"""Options at the ends of what is accepted: a method trains with them, or says in one line what came of it."""

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

from harness.plugins.registry import registry

SCRIPT = Path(__file__).with_name("extreme_trainings.py")
COUNTS = [0, 1, 2, 1000, 2**16, 2**24, 2**62]
NUMBERS = [0, 1e-37, 1e-20, 1e-6, 0.999999, 1, 1e6, 1e20, 3e38]
SLOW = {"T"}
"""Options of which a large value takes long and does nothing else."""


def extremes() -> Iterator[tuple[str, str, Any]]:
    """Method, option and value."""
    for method in registry.names("method"):
        for option, field in registry.get("method", method).Config.model_fields.items():
            for value in values(field.annotation):
                if not (option in SLOW and value > 100):
                    yield method, option, value


def values(annotation: Any) -> list[Any]:
    """Of an option that is annotated so; none of one that has text or a table."""
    kinds = [annotation, *get_args(annotation), *(part for kind in get_args(annotation) for part in get_args(kind))]
    if int in kinds:
        return COUNTS
    if float in kinds:
        return NUMBERS
    if bool in kinds:
        return [True, False]
    return [choice for kind in kinds if get_origin(kind) is Literal for choice in get_args(kind)]


@pytest.mark.parametrize("number", [40, pytest.param(10**6, marks=pytest.mark.faults)])
def test_a_method_trains_or_says_what_came_of_it(number: int, dice: random.Random, tmp_path: Path) -> None:
    every = [*extremes()]
    assert len(every) > 1000
    asked = every if number > len(every) else dice.sample(every, number)
    done = subprocess.run(
        [sys.executable, "-P", str(SCRIPT)], input=json.dumps(asked), capture_output=True, text=True, cwd=tmp_path
    )
    assert done.returncode == 0, done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(found) == len(asked)
    for method, option, value, outcome in found:
        word, _, line = outcome.partition(": ")
        what = f"{method}, {option}={value}: {outcome}"
        assert word in ("trained", "refused", "failed"), what
        if word == "failed":
            assert line.startswith((f"{method} diverged", f"{method} needs more memory than there is")), what
            assert f"config.{option}=" in line, what
        if word == "refused":
            assert option in line, what
    assert sum(outcome == "trained" for *_, outcome in found) > len(found) / 3

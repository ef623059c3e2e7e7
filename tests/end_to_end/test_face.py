"""``import harness`` in a notebook: the example of its face, on real data, in a process and a home of its own."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import harness

CHECKOUT = Path(__file__).resolve().parents[2]


def test_the_example_runs(tmp_path: Path, movielens_folder: Path, face_example: Callable[..., dict[str, Any]]) -> None:
    answer = face_example(sys.executable, tmp_path, movielens_folder, PYTHONPATH=str(CHECKOUT))
    assert answer["package"] == harness.__file__
    assert answer["version"] == harness.__version__

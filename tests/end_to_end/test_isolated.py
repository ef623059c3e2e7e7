"""Runs in processes of their own: the same numbers, a peak of their own, a crash that stops nothing."""

import os
import signal
import sys
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest

import harness.study.grid
from harness.console import Observer
from harness.errors import BadInput
from harness.registry import registry
from harness.run import run
from harness.study.grid import GridResult, run_grid
from harness.study.isolate import _why
from harness.study.spec import GridSpec
from harness.track import Tracker, open_tracker
from harness.track.memory import MemoryTracker

PLUGIN = '''
"""Two ways to die."""

import os
import signal

from harness.methods.most_popular import MostPopular


class Killed(MostPopular):
    name = "killed"

    def train_epoch(self):
        os.kill(os.getpid(), signal.SIGKILL)


class Wrong(MostPopular):
    name = "wrong"

    def train_epoch(self):
        print("this is no answer")
        raise RuntimeError("two and two are five")
'''
SIZES = {"n_users": 200, "n_items": 100, "n_groups": 4, "dim": 8}
GRID = GridSpec.model_validate(
    {
        "summary": "",
        "methods": ["most_popular", "killed", "wrong"],
        "isolated": True,
        "metrics": {"seconds_per_epoch": "seconds", "peak_memory_mb": "memory", "test/ndcg_at_20": "NDCG"},
        "base": {"dataset": "long-tail", "compute.threads": 1, **{f"dataset_options.{k}": v for k, v in SIZES.items()}},
        "budgets": {"default": {"seeds": [0]}},
    }
)
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")


class Lines(Observer):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Tracker, GridResult, list[str]]]:
    folder = tmp_path_factory.mktemp("isolated")
    plugin = folder / "ways_to_die.py"
    plugin.write_text(PLUGIN, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HARNESS_HOME", str(folder))
        patch.setattr(registry, "_files", dict(registry._files))
        patch.setattr(registry, "_entries", {kind: dict(found) for kind, found in registry._entries.items()})
        registry.add_file(plugin)
        tracker, lines = open_tracker(f"sqlite:///{folder}/runs.db"), Lines()
        yield tracker, run_grid("dying", GRID, {}, tracker=tracker, observer=lines), lines.lines


def recorded(tracker: Any, method: str) -> Any:
    """The run of one method as MLflow has it."""
    return next(
        found for found in tracker._client.search_runs([tracker._experiment]) if found.data.tags.get("method") == method
    )


def test_a_run_of_its_own_gives_the_same_metrics(store: tuple[Tracker, GridResult, list[str]]) -> None:
    from harness.overrides import build_spec, merged
    from harness.study.spec import nested

    tracker, result, _ = store
    alone = recorded(tracker, "most_popular")
    assert alone.info.status == "FINISHED"
    assert alone.data.tags["mlflow.parentRunId"] == result.id
    here = run(build_spec(merged(nested(GRID.base), {"method": "most_popular"})), tracker=MemoryTracker()).metrics
    same = [key for key in here if key.startswith(("test/", "validation/"))]
    assert {key: alone.data.metrics[key] for key in same} == {key: here[key] for key in same}
    assert alone.data.metrics["peak_memory_mb"] > 100


def test_a_killed_process_is_recorded_with_its_reason(store: tuple[Tracker, GridResult, list[str]]) -> None:
    tracker, result, lines = store
    reason = "its process was killed by SIGKILL (out of memory, if nobody else killed it)"
    assert result.failed["killed seed 0"] == reason
    killed = recorded(tracker, "killed")
    assert killed.info.status == "FAILED"
    assert killed.data.tags["failure"] == reason
    assert f"failed: killed seed 0: {reason}" in lines


def test_an_error_in_a_plug_in_is_this_runs_failure(store: tuple[Tracker, GridResult, list[str]]) -> None:
    tracker, result, _ = store
    assert result.failed["wrong seed 0"] == "RuntimeError: two and two are five"
    assert recorded(tracker, "wrong").info.status == "FAILED"
    assert {cell.method for cell in result.cells} == {"most_popular"}


def test_finished_runs_are_found_without_a_process(
    store: tuple[Tracker, GridResult, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(harness.study.grid, "run_isolated", None)
    lines = Lines()
    run_grid("dying", GRID, {"method": "most_popular"}, tracker=store[0], observer=lines)
    assert sum("(finished before)" in line for line in lines.lines) == 1


def test_memory_is_no_store_for_other_processes() -> None:
    with pytest.raises(BadInput, match="need a store that other processes can write to, not one in memory"):
        run_grid("dying", GRID, {"method": "most_popular"}, tracker=MemoryTracker())


def test_reasons_name_signals_exit_codes_and_last_words() -> None:
    assert _why(3, StringIO("Traceback\n\nMemoryError\n \n")) == "its process ended with exit code 3: MemoryError"
    assert _why(-signal.SIGSEGV, StringIO("")) == "its process was killed by SIGSEGV"
    assert os.name == "nt" or "out of memory" in _why(-signal.SIGKILL, StringIO(""))

"""Processes that record runs in a store, as a study's workers do, and nothing else: what they record is made up."""

import multiprocessing
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from harness.base import paths
from harness.runs.context import Context
from harness.runs.identity import tags_of
from harness.spec.build import build_spec
from harness.spec.run_spec import RunSpec
from harness.track import open_tracker
from tests.sql_statements import statements

FIRST = 10**6
"""The number of a run that each writer records in another experiment before it begins."""
METRICS = tuple(f"epoch/metric_{number}" for number in range(20))


@dataclass(frozen=True)
class Place:
    """Where runs are recorded: a store, an experiment in it, the study's run, and the writers' home folder."""

    store: str
    experiment: str
    parent: str
    home: Path


@dataclass(frozen=True)
class Took:
    """Seconds from the first writer's beginning to the last one's end; statements of all of them."""

    seconds: float
    statements: int


class Writers:
    """``number`` processes with one thread each."""

    def __init__(self, pipes: Sequence[Connection]) -> None:
        self._pipes = pipes

    def record(self, numbers: Sequence[int], epochs: int) -> Took:
        """Record runs of :func:`spec_of` these numbers, shared out, until the store has all of them."""
        for first, pipe in enumerate(self._pipes):
            pipe.send((numbers[first :: len(self._pipes)], epochs))
        found = [pipe.recv() for pipe in self._pipes]
        began, ended, asked = zip(*found, strict=True)
        return Took(max(ended) - min(began), sum(asked))


@contextmanager
def writers(number: int, place: Place) -> Iterator[Writers]:
    """They have opened the store when the block begins."""
    context = multiprocessing.get_context("spawn")
    ends = [context.Pipe() for _ in range(number)]
    processes = [context.Process(target=_work, args=(there, place), daemon=True) for _, there in ends]
    for process in processes:
        process.start()
    pipes = [here for here, _ in ends]
    try:
        for pipe in pipes:
            pipe.recv()
        yield Writers(pipes)
    finally:
        for pipe, process in zip(pipes, processes, strict=True):
            if process.is_alive():
                pipe.send(None)
            process.join()


def spec_of(number: int) -> RunSpec:
    """One that needs no data."""
    compute = {"device": "cpu", "threads": 1}
    return build_spec({"method": "random", "dataset": "long-tail", "seed": number, "compute": compute})


def _work(pipe: Connection, place: Place) -> None:
    paths.choose_home(place.home)
    context = Context(open_tracker(place.store, place.experiment), offline=True)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "spec.json").write_text("{}")
        warm = Context(open_tracker(place.store, f"{place.experiment}: first runs"), offline=True)
        with warm.tracker:  # what is imported and connected once is no part of what a run takes
            _record(FIRST, 1, warm, place.parent, folder)
        pipe.send("ready")
        for numbers, epochs in iter(pipe.recv, None):
            began = time.perf_counter()
            with statements() as asked, context.tracker:
                for run in numbers:
                    _record(run, epochs, context, place.parent, folder)
            pipe.send((began, time.perf_counter(), len(asked)))


def _record(number: int, epochs: int, context: Context, parent: str, folder: Path) -> None:
    """What :func:`harness.runs.run.carry_out` records, with as little as possible in the files."""
    spec = spec_of(number)
    tags: dict[str, Any] = tags_of(spec, context, touch_test=True)
    with context.tracker.start(f"run {number}", spec.flat(), tags, parent) as run:
        run.log_dataset("long-tail", "0" * 36, "", "training, validation, test", {"users": 1})
        for epoch in range(1, epochs + 1):
            run.log_metrics({name: 1 / (epoch + place) for place, name in enumerate(METRICS)}, epoch)
        run.log_artifacts(folder)

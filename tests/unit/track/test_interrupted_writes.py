"""A request to stop that comes in the middle of a write locks no database: the end of the run is recorded."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

from harness.base import interrupts
from harness.track import Tracker, open_tracker
from harness.track.protocol import FAILURE_TAG, RecordedRun

MOMENTS = 40
"""In each of which the thousands of steps of a write are stopped once."""


@pytest.fixture(autouse=True)
def _ctrl_c_is_python_s_own() -> Iterator[None]:
    """Whatever other tests of this process have installed."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@contextmanager
def stopped_after(steps: int) -> Iterator[list[int]]:
    """Ctrl-C after so many function calls and lines of what is done inside; how many there were."""
    counted = [0]

    def _count(frame: FrameType, event: str, argument: Any) -> Any:
        counted[0] += 1
        if counted[0] == steps:
            signal.raise_signal(signal.SIGINT)
        return _count

    sys.settrace(_count)
    try:
        yield counted
    finally:
        sys.settrace(None)


def recorded(tracker: Tracker, steps: int, write: Callable[[Any], None]) -> tuple[RecordedRun, int]:
    """A run in which a write was stopped, or was not begun; how many steps that write had."""
    counted = [0]
    try:
        with tracker.start("run", {}, {"steps": str(steps)}) as run:
            run.log_metrics({"before": 1.0}, step=1)
            with stopped_after(steps) as counted:
                write(run)
    except KeyboardInterrupt:
        assert counted[0] >= steps
    found = tracker.find({"steps": str(steps)})
    assert found is not None
    return found, counted[0]


WRITES: dict[str, Callable[[Any], None]] = {
    "tags": lambda run: run.set_tags({"said": "yes"}),
    "metrics": lambda run: (run.log_metrics({"after": 2.0}, step=1), run.flush())[0],
}


@pytest.mark.parametrize("kind", WRITES)
def test_the_end_is_recorded_of_a_run_that_is_stopped_in_a_write(kind: str, tmp_path: Path) -> None:
    tracker = open_tracker(f"sqlite:///{tmp_path / 'runs.db'}")
    _, first = recorded(tracker, 10**9, WRITES[kind])
    _, steps = recorded(tracker, 10**8, WRITES[kind])  # without what is only done once
    assert first >= steps > 1000
    for moment in range(MOMENTS):
        run, _ = recorded(tracker, 1 + (steps - 100) * moment // MOMENTS, WRITES[kind])
        assert run.status == "KILLED"
        assert FAILURE_TAG in run.tags
        assert run.metrics["before"] == 1.0
    assert tracker.unended({}) == []


def test_the_end_of_a_run_that_is_stopped_is_whole(tmp_path: Path) -> None:
    tracker = open_tracker(f"sqlite:///{tmp_path / 'runs.db'}")
    for moment in range(MOMENTS):
        tags = {"moment": str(moment)}
        run = tracker.start("run", {}, tags)
        run.log_metrics({"value": 1.0}, step=1)
        with pytest.raises(KeyboardInterrupt), stopped_after(200 + 150 * moment):
            run.__exit__(None, None, None)
        found = tracker.find(tags)
        assert found is not None
        assert (found.status, found.metrics) == ("FINISHED", {"value": 1.0})


def test_where_ctrl_c_is_python_s_own_it_is_heard_after_the_code_that_must_not_be_cut_off() -> None:
    heard = []

    @interrupts.deferred()
    def _whole() -> None:
        signal.raise_signal(signal.SIGINT)
        heard.append(interrupts.requested())

    with pytest.raises(KeyboardInterrupt):
        _whole()
    assert heard == [True]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)


def test_code_in_another_thread_does_not_keep_the_main_one_from_hearing(tmp_path: Path) -> None:
    from threading import Event, Thread

    inside, leave = Event(), Event()

    def _write() -> None:
        with interrupts.deferred():
            inside.set()
            leave.wait(20)

    thread = Thread(target=_write)
    thread.start()
    inside.wait(20)
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    finally:
        leave.set()
        thread.join()

"""Seconds of work, and of the clock."""

import time

import pytest
import torch

from harness.runs.estimate.stopwatch import Stopwatch

CPU = torch.device("cpu")


def test_one_thread_is_counted_by_the_processor() -> None:
    watch = Stopwatch(CPU, 1)
    time.sleep(0.2)
    assert watch.counted < 0.1
    assert watch.slowdown > 1.5, "nobody worked for most of the time"
    assert watch.leaving == 0.0


def test_several_are_counted_by_the_clock() -> None:
    watch = Stopwatch(CPU, 2)
    time.sleep(0.1)
    assert watch.counted >= 0.1
    assert watch.slowdown == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("threads", [1, 2])
def test_a_process_has_begun_before_its_watch(threads: int) -> None:
    watch = Stopwatch(CPU, threads, whole_process=True)
    own = time.process_time() if threads == 1 else 0.1
    assert watch.counted >= own * 0.9
    assert watch.leaving > 0

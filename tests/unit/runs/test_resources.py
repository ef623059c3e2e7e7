"""Peak memory: what was allocated and freed in between is seen, what came before is not."""

import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from harness.runs.resources import PeakMemory

MB = 1_000_000
linux = pytest.mark.skipif(sys.platform != "linux", reason="only Linux can set its high-water mark back")


def touch(megabytes: int) -> None:
    """Allocate, write to every page, free."""
    np.ones(megabytes * MB, dtype=np.uint8).sum()


def peak(memory: PeakMemory) -> float:
    return memory.metrics()["peak_memory_mb"]


@linux
def test_the_peak_is_what_was_held_at_once() -> None:
    memory = PeakMemory(torch.device("cpu"))
    before = peak(memory)
    touch(200)
    assert peak(memory) - before == pytest.approx(200, abs=20)


@linux
def test_what_came_before_is_forgotten() -> None:
    first = PeakMemory(torch.device("cpu"))
    touch(300)
    after_large = peak(first)
    second = PeakMemory(torch.device("cpu"))
    touch(50)
    assert peak(second) < after_large - 150


def test_elsewhere_it_is_the_peak_of_the_whole_process(tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    touch(100)
    memory = PeakMemory(torch.device("cpu"), process=tmp_path / "no account of it")
    kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    bytes_ = kilobytes * (1 if sys.platform == "darwin" else 1024)
    assert peak(memory) == pytest.approx(bytes_ / MB, rel=0.01)
    assert "peak_cuda_memory_mb" not in memory.metrics()

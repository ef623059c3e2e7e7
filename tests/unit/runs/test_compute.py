"""What a run asks of the machine."""

import os
import subprocess
import sys

import pytest

from harness.runs.compute import keep_freed_memory

STEPS = """
import resource, torch
from harness.runs.compute import keep_freed_memory
if {keep}:
    assert keep_freed_memory()
def step():
    arrays = [torch.ones(2 * 2**20) for _ in range(8)]  # 8 MiB each
for _ in range(3):
    step()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(10):
    step()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def page_faults(keep: bool) -> int:
    """Of ten steps that allocate and free 64 MiB each, in a process of its own, which at first keeps nothing."""
    code, nothing = STEPS.format(keep=keep), {"MALLOC_TRIM_THRESHOLD_": "131072", "MALLOC_MMAP_THRESHOLD_": "131072"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=os.environ | nothing, capture_output=True, text=True, check=True
    )
    return int(done.stdout)


def test_a_step_gets_the_memory_that_the_last_one_freed() -> None:
    if not keep_freed_memory():
        pytest.skip("the C library of this system has no mallopt")
    assert page_faults(keep=True) < page_faults(keep=False) / 10

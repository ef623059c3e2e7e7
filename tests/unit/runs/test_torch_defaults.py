"""What is known of torch without importing it is what torch says."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.base import paths
from harness.runs.compute import device_name, set_up, threads_of
from harness.runs.torch_defaults import FILE, VARIABLES, devices
from harness.spec.options import ComputeOptions

CHILD = """
import json, sys
from harness.runs.torch_defaults import cuda_is_available, default_threads
said = [default_threads(), cuda_is_available(), "torch" in sys.modules]
import torch
print(json.dumps([*said, torch.get_num_threads(), torch.cuda.is_available()]))
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "cache").mkdir()
    return tmp_path


def asked(home: Path, **variables: str) -> tuple[bool, int]:
    """Whether a new process has imported torch to know; how many threads torch has there, which it has known."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(VARIABLES)}
    environment = {**own, paths.HOME_VARIABLE: str(home), **variables}
    done = subprocess.run(
        [sys.executable, "-P", "-c", CHILD], env=environment, capture_output=True, text=True, check=True
    )
    threads, cuda, imported, true_threads, true_cuda = json.loads(done.stdout)
    assert (threads, cuda) == (true_threads, true_cuda)
    return imported, threads


def test_it_is_asked_once_and_again_where_anything_differs(home: Path) -> None:
    assert asked(home)[0]
    assert not asked(home)[0]
    assert asked(home, OMP_NUM_THREADS="1") == (True, 1)
    assert asked(home, OMP_NUM_THREADS="1") == (False, 1)
    assert asked(home, MKL_DYNAMIC="false")[0]


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system has no such limits")
def test_a_process_that_may_use_fewer_processors_is_another(home: Path) -> None:
    first = asked(home)
    whole = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(whole)})
    try:
        assert asked(home)[1] == 1
    finally:
        os.sched_setaffinity(0, whole)
    assert asked(home)[1] == first[1]


def test_an_answer_that_was_damaged_is_asked_for_again(home: Path) -> None:
    file = home / "cache" / FILE
    asked(home)
    file.write_bytes(file.read_bytes().replace(b"threads", b"threats"))
    assert asked(home)[0]
    assert not asked(home)[0]


def test_nothing_is_made_by_asking(tmp_path: Path) -> None:
    asked(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_asking_changes_nothing_and_a_run_without_a_number_gets_the_process_own() -> None:
    import torch

    before = torch.get_num_threads()
    try:
        torch.set_num_threads(3)
        set_up(ComputeOptions(device="cpu", threads=1))
        for wanted, given in ((None, 3), (2, 2), (None, 3)):
            assert threads_of(ComputeOptions(device="cpu", threads=wanted)) == given
            assert torch.get_num_threads() == 1
        set_up(ComputeOptions(device="cpu"))
        assert torch.get_num_threads() == 3
    finally:
        torch.set_num_threads(before)


def test_devices_are_those_of_torch() -> None:
    import torch

    assert devices()[0] == "cpu"
    assert ("cuda:0" in devices()) == ("cuda" in devices()) == torch.cuda.is_available()
    assert device_name(ComputeOptions(device="auto")) == ("cuda" if torch.cuda.is_available() else "cpu")
    assert device_name(ComputeOptions(device="mps")) == "mps"

"""A process is known again, and known to have ended."""

import os
import subprocess
import sys

import pytest

from harness.base.process import BOOT, HOST, PROCESS, STARTED, is_gone, this_process

linux = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel tells when a process started")


def test_this_process_is_there() -> None:
    assert not is_gone(this_process())


def test_one_that_has_ended_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"])
    child.wait()
    assert is_gone({**this_process(), PROCESS: str(child.pid)})


@linux
def test_one_that_nobody_has_waited_for_is_gone() -> None:
    child = subprocess.Popen([sys.executable, "-c", "pass"], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.read()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert is_gone({**this_process(), PROCESS: str(child.pid)})
    child.wait()


@linux
def test_a_number_that_was_given_again_is_another_process() -> None:
    own = this_process()
    assert is_gone({**own, STARTED: str(int(own[STARTED]) - 1)})


@linux
def test_nothing_outlives_a_boot() -> None:
    assert is_gone({**this_process(), BOOT: "another"})


def test_of_other_machines_and_without_knowledge_nothing_is_said() -> None:
    gone = {**this_process(), PROCESS: "4000000"}
    assert is_gone(gone)
    assert not is_gone({**gone, HOST: "elsewhere"})
    assert not is_gone({})

"""Commands that are killed and repeated end like commands that were left in peace, whenever they are killed."""

import random
import signal
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")

METHODS = ("bifair", "separate", "group_dro", "mf")
HANGUP = getattr(signal, "SIGHUP", signal.SIGTERM)


@pytest.mark.parametrize(
    ("method", "times"),
    [("bifair", 3), *(pytest.param(method, 10, marks=pytest.mark.faults) for method in METHODS)],
)
def test_a_run_that_is_killed(
    run_command: Callable[..., Any], kill: Callable[..., Any], moments: random.Random, method: str, times: int
) -> None:
    undisturbed = run_command(method)
    seconds = undisturbed.seconds()
    for killed in kill(partial(run_command, method), seconds, times, moments):
        killed.finish()
        killed.check_like(undisturbed.values())


@pytest.mark.parametrize(
    ("jobs", "times"),
    [(2, 1), *(pytest.param(jobs, 15, marks=pytest.mark.faults) for jobs in (1, 2))],
)
def test_a_study_that_is_killed(
    study_command: Callable[..., Any], kill: Callable[..., Any], moments: random.Random, jobs: int, times: int
) -> None:
    undisturbed = study_command(jobs)
    seconds = undisturbed.seconds()
    for killed in kill(partial(study_command, jobs), seconds, times, moments):
        killed.finish()
        killed.check_like(undisturbed.values())


@pytest.mark.parametrize("times", [2, pytest.param(20, marks=pytest.mark.faults)])
def test_a_run_that_is_asked_twice_to_stop(run_command: Callable[..., Any], moments: random.Random, times: int) -> None:
    undisturbed, asked = run_command("bifair"), run_command("bifair")
    seconds = undisturbed.seconds()
    heard = 0
    while heard < times:
        first, second = (moments.choice((signal.SIGINT, signal.SIGTERM, HANGUP)) for _ in range(2))
        began = time.monotonic()
        code, said = asked.send_after(moments.uniform(0.4, 1.0) * seconds, first, second)
        if code is None:  # it had ended, or had nothing left to do but to end
            seconds = min(seconds, time.monotonic() - began)  # the machine may have been busier before
            asked.check_like(undisturbed.values())
            asked = run_command("bifair")
        elif code in (128 + first, 128 + second):  # the command line heard them; of two at once either may be the first
            assert "error: interrupted\ngo on with: harness run --method bifair" in said
        else:
            assert code in (-first, -second), said
        heard += code is not None
        if (asked.home / "mlflow/mlflow.db").exists():
            assert asked.tracker.unended({}) == [], "the end has been recorded"
    asked.finish()
    asked.check_like(undisturbed.values())

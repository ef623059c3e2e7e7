"""Requests to stop are heard once, and where things are whole. In processes of their own: signals are a process's."""

import signal
import subprocess
import sys
import time

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")

DEFERRED = """
import sys, time
from harness.base import interrupts
interrupts.PATIENCE_SECONDS = {patience}
interrupts.install()
try:
    with interrupts.deferred():
        for step in range(1, {steps} + 1):
            print("step", flush=True)
            end = time.monotonic() + {seconds}
            while time.monotonic() < end:
                time.sleep(0.01)
            whole = step
            print("whole", interrupts.requested(), flush=True)
            interrupts.check()
except KeyboardInterrupt:
    print("recording", flush=True)
    time.sleep(0.5)
    print("recorded", flush=True)
    sys.exit(interrupts.exit_code())
"""


def asked_to_stop(program: str, *numbers: signal.Signals, apart: float = 0.05) -> tuple[int, list[str]]:
    """What becomes of a program that is sent these signals in its first step."""
    process = subprocess.Popen([sys.executable, "-P", "-c", program], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "step\n"
    for number in numbers:
        process.send_signal(number)
        time.sleep(apart)
    lines = process.stdout.read().splitlines()
    process.stdout.close()
    return process.wait(), lines


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (getattr(signal, "SIGHUP", None), 129)]
)
def test_the_step_is_finished_first_and_the_code_tells_what_was_asked(number: signal.Signals, code: int) -> None:
    program = DEFERRED.format(patience=5.0, steps=3, seconds=0.3)
    assert asked_to_stop(program, number) == (code, ["whole True", "recording", "recorded"])


def test_further_requests_disturb_neither_the_step_nor_the_recording() -> None:
    program = DEFERRED.format(patience=5.0, steps=3, seconds=0.3)
    code, lines = asked_to_stop(program, *[signal.SIGINT, signal.SIGTERM] * 6)
    assert (code, lines) == (130, ["whole True", "recording", "recorded"])


def test_a_step_that_takes_too_long_is_left() -> None:
    program = DEFERRED.format(patience=0.3, steps=1, seconds=60)
    assert asked_to_stop(program, signal.SIGTERM) == (143, ["recording", "recorded"])


def test_elsewhere_it_ends_at_once() -> None:
    program = DEFERRED.format(patience=5.0, steps=1, seconds=60).replace("with interrupts.deferred():", "if True:")
    assert asked_to_stop(program, signal.SIGHUP) == (129, ["recording", "recorded"])


FAILING = """
import sys, time
from harness.base import interrupts
interrupts.PATIENCE_SECONDS = 0.5
interrupts.install()
try:
    with interrupts.deferred():
        print("step", flush=True)
        while not interrupts.requested():
            time.sleep(0.01)
        raise ValueError
except ValueError:
    time.sleep(1.5)
    print("recorded", flush=True)
"""


def test_a_failure_meanwhile_is_recorded_undisturbed() -> None:
    assert asked_to_stop(FAILING, signal.SIGTERM) == (0, ["recorded"])


LATER = """
import signal, sys, time
from harness.base import interrupts
interrupts.DEAF_SECONDS = 0.2
{install}
print("step", flush=True)
for _ in range(2):
    try:
        with interrupts.deferred():
            for _ in range(3):
                signal.raise_signal(signal.SIGINT)
        print("not heard", flush=True)
    except KeyboardInterrupt:
        print("heard", flush=True)
    time.sleep(0.3)
    with interrupts.deferred():
        print(interrupts.requested(), flush=True)
"""


@pytest.mark.parametrize("install", ["", "interrupts.install()"])
def test_what_has_been_acted_upon_is_not_heard_once_more(install: str) -> None:
    code, lines = asked_to_stop(LATER.format(install=install))
    assert (code, lines) == (0, ["heard", "False"] * 2)

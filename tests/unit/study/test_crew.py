"""What is known of workers: why one has died, in words, and which can make a run."""

import signal
from typing import Any

import pytest

from harness.base.errors import BadInput
from harness.study.execute.crew import Crew, why
from harness.study.execute.who import who


@pytest.mark.parametrize(
    ("code", "last_words", "reason"),
    [
        (3, "MemoryError", "its process ended with exit code 3: MemoryError"),
        (0, "", "its process ended with exit code 0"),
        (-signal.SIGSEGV, "", "its process was killed by SIGSEGV"),
        (-9, "of an earlier run", "its process was killed by SIGKILL (out of memory, if nobody else killed it)"),
    ],
)
def test_reasons_name_signals_exit_codes_and_last_words(code: int, last_words: str, reason: str) -> None:
    assert why(code, last_words) == reason


def crew_with(*devices: str) -> Crew:
    nobody: Any = None
    return Crew(nobody, known={f"tcp://{n}": who() | {"devices": there} for n, there in enumerate(devices)})


def test_runs_go_to_the_workers_that_have_the_device() -> None:
    mixed, plain = crew_with("cpu", "cpu cuda cuda:0"), crew_with("cpu", "cpu")
    assert [mixed.device_for(asked) for asked in ("auto", "cpu", "cuda:0")] == ["cuda", "cpu", "cuda:0"]
    assert [mixed.has(worker, "cuda") for worker in ("tcp://0", "tcp://1")] == [False, True]
    assert plain.device_for("auto") == "cpu"
    with pytest.raises(BadInput, match=r"compute\.device=cuda: no worker has one; there are cpu$"):
        plain.device_for("cuda")


def test_who_is_on_this_machine() -> None:
    assert crew_with("cpu").is_on_this_machine()
    nobody: Any = None
    assert not Crew(nobody, known={"tcp://a": who() | {"process.host": "another"}}).is_on_this_machine()

"""Why a worker has died, in words."""

import signal

import pytest

from harness.study.execute.crew import why


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

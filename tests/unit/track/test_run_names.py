"""What people call a run."""

import pytest

from harness.base.errors import BadInput
from harness.track.memory import MemoryTracker
from harness.track.run_names import LAST, id_meant


@pytest.fixture
def store() -> MemoryTracker:
    """Runs 1 to 11, of which 1, 3 and 4 have finished, 4 without test data."""
    made = MemoryTracker()
    for number in range(1, 12):
        tags = {"evaluated": "validation" if number == 4 else "test"}
        run = made.start("twin" if number in (2, 3) else f"called {number}", {}, tags)
        if number in (1, 3, 4):
            run.end("FINISHED")
    return made


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("run-3", "run-3"),
        ("run-1", "run-1"),
        ("run-11", "run-11"),
        ("called 7", "run-7"),
        (LAST, "run-3"),
        ("nothing", "nothing"),
        ("0" * 32, "0" * 32),
    ],
)
def test_a_run_has_several_names(store: MemoryTracker, text: str, meant: str) -> None:
    assert id_meant(store, text) == meant


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("twin", r"'twin' may be any of 2 runs \(run-3, run-2\): give more of the id"),
        ("run-", r"may be any of 11 runs \(run-11, run-10, run-9, run-8, …\)"),
    ],
)
def test_who_may_be_several_is_asked_again(store: MemoryTracker, text: str, complaint: str) -> None:
    with pytest.raises(BadInput, match=complaint):
        id_meant(store, text)


def test_there_is_no_last_run_before_the_first(store: MemoryTracker) -> None:
    with pytest.raises(BadInput, match=r"last: no finished run in memory has been measured on test data"):
        id_meant(MemoryTracker(), LAST)

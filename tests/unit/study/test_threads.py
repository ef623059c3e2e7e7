"""Cores are shared out among processes."""

import pytest

from harness.spec.build import build_spec
from harness.study.execute.threads import threads_each, with_threads


def test_cores_are_shared_out_and_a_spec_has_the_last_word(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(8)), raising=False)
    assert [threads_each(jobs) for jobs in (1, 2, 3, 8, 9)] == [None, 4, 2, 1, 1]
    undecided, decided = build_spec({"method": "random"}), build_spec({"method": "random", "compute": {"threads": 3}})
    assert with_threads(undecided, 2).compute.threads == 2
    assert with_threads(undecided, 2).digest == undecided.digest
    assert with_threads(decided, 2) is decided
    assert with_threads(undecided, None) is undecided

"""Cores are shared out among processes."""

import pytest

from harness.study.execute.threads import threads_each


def test_cores_are_shared_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.sched_getaffinity", lambda pid: set(range(8)), raising=False)
    assert [threads_each(jobs) for jobs in (1, 2, 3, 8, 9)] == [None, 4, 2, 1, 1]

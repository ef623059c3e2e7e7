"""Which jobs are asked for again, and when that ends; by a cluster that only keeps account of them."""

import asyncio
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import pytest

from harness.base.errors import Unavailable
from harness.study.execute.queued_jobs import FIRST_ROUNDS, LOOK_SECONDS, ROUNDS, QueuedJobs


@dataclass
class Job:
    job_id: str | None
    log_directory: str | None = None


class Accounts:
    """As Dask's clusters of jobs are seen from here; ``pbs``, which is not asked what has become of jobs."""

    class job_cls:  # noqa: N801 - its name in Dask
        config_name = "pbs"

    def __init__(self, workers: int) -> None:
        self.refusal: str = ""
        self.workers: dict[str, Job] = {}
        self.worker_spec: dict[str, Any] = {}
        self._number = 0
        while len(self.worker_spec) < workers:
            self.worker_spec.update(self.new_worker_spec())
        self.sync(self._all)

    def new_worker_spec(self) -> dict[str, Any]:
        self._number += 1
        return {f"job {self._number}": {}}

    def sync(self, asked: Callable[..., Any], *arguments: Any) -> None:
        asyncio.run(asked(*arguments))

    async def _all(self) -> None:
        await self

    def __await__(self) -> Generator[Any, Any, None]:
        yield from asyncio.sleep(0).__await__()
        for name in self.workers.keys() - self.worker_spec.keys():
            del self.workers[name]
        for name in self.worker_spec.keys() - self.workers.keys():
            self.workers[name] = Job(None if self.refusal else name)
        if self.refusal:
            raise RuntimeError(f"Command exited\nstdout:\n\nstderr:\n{self.refusal}\n")

    def lose(self, number: int) -> None:
        """As Dask does some time after a worker has gone."""
        for name in sorted(self.workers)[:number]:
            del self.workers[name]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """``clock()``: so much time passes that the next look is one."""
    now = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: now[0])

    def later() -> None:
        now[0] += LOOK_SECONDS[1]

    return later


def test_lost_jobs_are_replaced_by_others(clock: Callable[[], None]) -> None:
    cluster = Accounts(3)
    jobs, first = QueuedJobs(cluster), set(cluster.workers)
    jobs.look(there=3)
    assert set(cluster.workers) == first
    cluster.lose(2)
    jobs.look(there=1)
    assert len(cluster.workers) == 3
    assert len(first & set(cluster.workers)) == 1


def test_as_long_as_runs_come_to_an_end_jobs_are_replaced(clock: Callable[[], None]) -> None:
    cluster = Accounts(1)
    jobs = QueuedJobs(cluster)
    for _ in range(3 * ROUNDS):
        jobs.look(there=1)
        jobs.worked()
        cluster.lose(1)
        clock()
        jobs.look(there=0)
        assert len(cluster.workers) == 1


@pytest.mark.parametrize(("came", "rounds"), [(False, FIRST_ROUNDS), (True, ROUNDS)])
def test_jobs_that_come_to_nothing_are_not_asked_for_for_ever(
    came: bool, rounds: int, clock: Callable[[], None]
) -> None:
    cluster = Accounts(2)
    jobs, seen = QueuedJobs(cluster), set(cluster.workers)
    if came:
        jobs.look(there=2)
    for lost in range(1, 2 * rounds):
        cluster.lose(1)
        clock()
        jobs.look(there=0)
        seen |= set(cluster.workers)
        assert len(cluster.workers) == min(2, 2 * rounds - lost)
    cluster.lose(1)
    clock()
    with pytest.raises(Unavailable, match=f"^{2 * rounds} jobs have ended, one after the other, with no run done$"):
        jobs.look(there=0)
    assert len(seen) == 2 * rounds


def test_a_worker_that_is_left_goes_on_alone(clock: Callable[[], None]) -> None:
    cluster = Accounts(2)
    jobs = QueuedJobs(cluster)
    jobs.look(there=2)
    (kept, _) = sorted(cluster.workers)
    for _ in range(3 * ROUNDS):
        for name in cluster.workers.keys() - {kept}:
            del cluster.workers[name]
        clock()
        jobs.look(there=1)
    assert set(cluster.workers) == {kept}
    jobs.worked()
    clock()
    jobs.look(there=1)
    assert len(cluster.workers) == 2


def test_a_system_that_takes_no_more_is_asked_again_and_quoted_in_the_end(clock: Callable[[], None]) -> None:
    cluster = Accounts(1)
    jobs = QueuedJobs(cluster)
    jobs.look(there=1)
    cluster.lose(1)
    cluster.refusal = "sbatch: error: too many jobs"
    clock()
    jobs.look(there=0)
    cluster.refusal = ""
    clock()
    jobs.look(there=0)
    assert [job.job_id is not None for job in cluster.workers.values()] == [True]
    cluster.refusal = "sbatch: error: too many jobs"
    cluster.lose(1)
    for _ in range(ROUNDS - 3):
        clock()
        jobs.look(there=0)
    clock()
    with pytest.raises(Unavailable, match=f"^{ROUNDS} jobs have ended.* with no run done: {cluster.refusal}$"):
        jobs.look(there=0)


def test_the_system_is_not_asked_at_every_look(clock: Callable[[], None]) -> None:
    cluster = Accounts(1)
    jobs = QueuedJobs(cluster)
    jobs.look(there=0)
    cluster.lose(1)
    jobs.look(there=0)
    assert not cluster.workers, "it has just been looked"
    clock()
    jobs.look(there=0)
    assert cluster.workers

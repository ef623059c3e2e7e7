"""Two processes that know nothing of each other: what two workers are to be measured by on the same cores."""

from collections.abc import Generator, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from functools import cache
from multiprocessing import get_context

from harness.runs.context import Address, Context
from harness.study.execute.executor import Executor, OnRecord
from harness.study.execute.own_process import Here
from harness.study.execute.task import Outcome, Task


class TwoProcesses(Executor):
    """Python's own pool: no scheduler, nothing on record is looked for, nobody's death is made good."""

    def __init__(self, context: Context, parent: str) -> None:
        self._asked = context.address, parent
        self._pool = ProcessPoolExecutor(2, get_context("spawn"))

    def run(self, tasks: Iterable[Task | None], on_record: OnRecord) -> Generator[Outcome, None, None]:
        asked = [self._pool.submit(_made, *self._asked, task) for task in tasks if task is not None]
        for future in as_completed(asked):
            yield future.result()

    def close(self) -> None:
        self._pool.shutdown()


@cache
def _here(address: Address, parent: str) -> Here:
    return Here(address.open(), parent)


def _made(address: Address, parent: str, task: Task) -> Outcome:
    (outcome,) = _here(address, parent).run([task], lambda task: None)
    return outcome

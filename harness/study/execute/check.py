"""A look at a cluster before it is used: who is there, what differs from this process, and one tiny run on each."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from harness.base.errors import BadInput, HarnessError, one_line
from harness.base.process import HOST
from harness.runs.context import Address, Context
from harness.runs.run import run
from harness.spec.build import build_spec
from harness.study.execute.crew import Crew
from harness.study.execute.elsewhere import address_for
from harness.study.execute.who import differences, who

if TYPE_CHECKING:
    from distributed import Client

SHOWN = ("harness", "code", "torch", "python", "mlflow", "devices")
TINY: dict[str, Any] = {
    "method": "alpharec",
    "dataset": "long-tail",
    "dataset_options": {"n_users": 60, "n_items": 60, "n_groups": 3},
    "encoder": {"name": "random"},
    "training": {"max_epochs": 1},
    "compute": {"threads": 1, "device": "cpu"},
}


@dataclass(frozen=True)
class Checked:
    """A worker.

    Attributes:
        address: Dask's
        host: its machine
        home: its home folder
        threads: of its runs
        versions: of what decides a run's numbers
        wrong: what stands in the way of runs; empty: nothing does
    """

    address: str
    host: str
    home: str
    threads: int
    versions: dict[str, str]
    wrong: tuple[str, ...]


def check_cluster(client: "Client", context: Context) -> Iterator[Checked]:
    """Every worker that is there.

    Args:
        context: where runs are recorded
    """
    answers, threads = client.run(who, on_error="return"), client.nthreads()
    here = who()
    differ = {worker: differences(answer, here) for worker, answer in sorted(answers.items())}
    alike = [worker for worker, wrong in differ.items() if not wrong]
    crew, unwritable, address = Crew(client, known={worker: answers[worker] for worker in alike}), "", None
    try:
        address = address_for(crew, context)
    except BadInput as error:
        unwritable = str(error)
    asked = {worker: client.submit(try_out, address, workers=[worker], pure=False, retries=0) for worker in alike}
    expected = try_out(None)
    for worker, wrong in differ.items():
        told = answers[worker] if isinstance(answers[worker], dict) else {}
        if worker in asked:
            wrong += [unwritable] if unwritable else []
            wrong += _wrong_with(asked[worker].exception() or asked[worker].result(), expected)
        versions = {name: told.get(name, "?") for name in SHOWN}
        yield Checked(worker, told.get(HOST, "?"), told.get("home", "?"), threads[worker], versions, tuple(wrong))


def try_out(address: Address | None) -> dict[str, float]:
    """In a worker's process: open the store, and make a tiny run that is recorded nowhere; its metrics."""
    if address is not None:
        address.open()
    metrics = run(build_spec(TINY), Context()).metrics
    return {key: value for key, value in metrics.items() if "seconds" not in key and "memory" not in key}


def _wrong_with(found: Any, expected: dict[str, float]) -> list[str]:
    if isinstance(found, HarnessError):
        return [str(found)]
    if isinstance(found, BaseException):
        return [one_line(found)]
    differ = sorted(key for key in expected if found.get(key) != expected[key])
    if not differ:
        return []
    return [f"a tiny run ends with {differ[0]} {found.get(differ[0])}, here with {expected[differ[0]]}"]

"""The runs that ``fair_within`` measures others by: each is trained once, before those that ask for it."""

from collections.abc import Iterable

from harness.base.errors import HarnessError
from harness.runs.run import RunResult, find_reference
from harness.spec.reference import reference_of
from harness.spec.run_spec import RunSpec
from harness.spec.selection import parse
from harness.study.execute.runner import Runner, Task


def measure_references(specs: Iterable[RunSpec], runner: Runner) -> dict[str, RunResult]:
    """Runs of the references of those ``specs`` that choose by comparison, by digest; each is trained once.

    Trained ahead, so that no two runs at once train the same one.

    Raises:
        HarnessError: where one has failed.
    """
    references = {reference_of(spec).digest: reference_of(spec) for spec in specs if _compares(spec)}
    tasks = [Task(spec, f"{spec.label}, seed {spec.seed}", touch_test=False) for spec in references.values()]
    for task in tasks:
        if runner.known(task) is None:
            runner.observer.say(f"{task.name}, which others are measured by")
    found = {}
    for outcome in runner.run_all(tasks):
        if outcome.result is None:
            raise HarnessError(f"{outcome.task.name}, which others are measured by: {outcome.failure}")
        found[outcome.task.spec.digest] = outcome.result
    return found


def needed_by(spec: RunSpec) -> frozenset[str]:
    """Digests of the runs that nobody else may be making while ``spec`` is carried out: itself, and its reference."""
    return frozenset({spec.digest, reference_of(spec).digest} if _compares(spec) else {spec.digest})


def made_by(spec: RunSpec, runner: Runner) -> frozenset[str]:
    """Digests of the runs that carrying out ``spec`` makes: itself, and its reference where that is not on record."""
    if _compares(spec) and find_reference(spec, runner.tracker, runner.data_folder) is None:
        return needed_by(spec)
    return frozenset({spec.digest})


def _compares(spec: RunSpec) -> bool:
    return parse(spec.training.selection).share is not None

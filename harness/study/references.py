"""The runs that ``fair_within`` measures others by: each is trained once, before those that ask for it."""

from collections.abc import Iterable

from harness.base.errors import HarnessError
from harness.runs.on_record import RunResult
from harness.spec.reference import has_reference, reference_of
from harness.spec.run_spec import RunSpec
from harness.study.execute.task import Task
from harness.study.runner import Runner


def measure_references(specs: Iterable[RunSpec], runner: Runner) -> dict[str, RunResult]:
    """Runs of the references of those ``specs`` that choose by comparison, by digest; each is trained once.

    Trained ahead, so that no two runs at once train the same one. Those for which there is no time are missing.

    Raises:
        HarnessError: where one has failed.
    """
    references = {reference_of(spec).digest: reference_of(spec) for spec in specs if has_reference(spec)}
    tasks = [Task(spec, f"{spec.label}, seed {spec.seed}", touch_test=False) for spec in references.values()]
    runner.progress.expect(len(tasks))
    for task in tasks:
        if runner.on_record(task) is None:
            runner.observer.say(f"{task.name}, which others are measured by")
    found = {}
    for outcome in runner.run_all(tasks):
        if outcome.result is None:
            raise HarnessError(f"{outcome.task.name}, which others are measured by: {outcome.failure}")
        found[outcome.task.spec.digest] = outcome.result
    return found

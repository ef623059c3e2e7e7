"""A search: Optuna asks for parameters, runs answer on validation data, and what was cut off is finished first."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

from harness.base import interrupts
from harness.base.errors import BadInput, HarnessError
from harness.base.streams import derive
from harness.base.trees import digest_of, merged, nested
from harness.domain.metric_key import MetricKey
from harness.runs.observer import Observer
from harness.spec.build import build_spec
from harness.spec.reference import has_reference
from harness.spec.run_spec import RunSpec
from harness.spec.selection import required_key
from harness.study.distribution import distribution
from harness.study.execute.task import Outcome, Task
from harness.study.points import GridPoint
from harness.study.pruning import Curve
from harness.study.records import Record
from harness.study.runner import Runner
from harness.study.status import Status, status_of
from harness.study.study_spec import Axis
from harness.study.trial_storage import FAILURE, NEVER_ASKED, RUN_ID, Direction, SearchStorage

if TYPE_CHECKING:
    import optuna

RANDOM_TRIALS = 5
"""Trials of a search that are drawn before it learns from those before."""


@dataclass(frozen=True)
class Search:
    """What is searched.

    Attributes:
        label: what tables call the method
        base: the run whose keys trials vary
        space: ranges by key
        objectives: directions by key of a validation metric
        point: what the study varies beside methods
        prune: whether trials that fall behind in accuracy are stopped
        head_start: options that the second trial has instead of the base's own; empty: it is drawn
    """

    label: str
    base: RunSpec
    space: Mapping[str, Axis]
    objectives: Mapping[MetricKey, Direction]
    point: GridPoint = field(default_factory=GridPoint)
    prune: bool = False
    head_start: Mapping[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """For people."""
        return ", ".join(part for part in (self.label, self.point.name) if part)

    @property
    def digest(self) -> str:
        """A hash of all that its trials depend on."""
        ranges = {key: axis.model_dump(mode="json") for key, axis in self.space.items()}
        wanted = {str(key.on("")): way for key, way in self.objectives.items()}
        asked = {"space": ranges, "objectives": wanted, "base": self.base.digest}
        later = {"prune": self.prune, "head_start": dict(self.head_start)}
        return digest_of(asked | {key: value for key, value in later.items() if value})

    def spec(self, params: Mapping[str, Any]) -> RunSpec:
        """The run of a trial."""
        return build_spec(merged(self.base.model_dump(mode="json"), nested(params)))


def objectives_of(base: RunSpec, declared: Mapping[str, Direction]) -> dict[MetricKey, Direction]:
    """Declared objectives as keys of validation metrics."""
    view = base.view
    return {view.metric(name, "validation"): way for name, way in declared.items()}


class Wanted(NamedTuple):
    """A search and how many trials of it there shall be."""

    search: Search
    trials: int


class _Begun(NamedTuple):
    """A search that has trials to make."""

    wanted: Wanted
    storage: SearchStorage


def search_all(wanted: Sequence[Wanted], runner: Runner, study: str) -> list[list[Record]]:
    """Trials of each search until all those wanted have been finished or have failed; those of earlier calls count.

    Trials do not depend on how many runs are made at once. A search learns from all its trials before the next one, so
    it has one under way at a time, except at its beginning, where it does not learn yet; what else is free goes to the
    searches after it.

    Args:
        study: in whose name they are kept

    Raises:
        BadInput: for an objective that no run of this kind has.
    """
    begun: list[_Begun] = []
    with ExitStack() as stack:

        def begin(one: Wanted) -> Iterator[Task | None]:
            runner.observer.say(f"trials of {one.search.name}")
            storage = stack.enter_context(_storage_of(one.search, runner, study))
            if runner.overwrite != "always":
                _begin_anew_where_outdated(one.search, storage, runner)
            begun.append(_Begun(one, storage))
            runner.progress.found(len(storage.trials("COMPLETE", "PRUNED", "FAIL")))
            yield from tasks(one.search, storage, runner, one.trials)

        for outcome in runner.run_all(first_ready(map(begin, wanted))):
            one, storage = next(pair for pair in begun if pair.wanted.search is outcome.task.note.search)
            _tell(one.search, storage, outcome, one.trials, runner.observer)
        return [
            [_record(one.search, storage, trial, runner) for trial in storage.trials("COMPLETE", "PRUNED", "FAIL")]
            for one, storage in begun
        ]


def _storage_of(asked: Search, runner: Runner, study: str) -> SearchStorage:
    name, restart = f"{study}-{asked.base.method}-{asked.digest}", runner.overwrite == "always"
    return SearchStorage(name, list(asked.objectives.values()), url=runner.context.storage, restart=restart)


def _begin_anew_where_outdated(asked: Search, storage: SearchStorage, runner: Runner) -> None:
    """Trials that do not stand make the whole search worthless: each has been learned from."""
    if outdated := sum(not _stands(asked, storage, runner, trial) for trial in storage.trials("COMPLETE")):
        runner.observer.say(
            f"{asked.name}: {outdated} finished trials have no run of these files in this store, or other values "
            "than their runs: the search begins anew"
        )
        storage.begin_anew()


def first_ready(sources: Iterable[Iterator[Task | None]]) -> Iterator[Task | None]:
    """The next task of the first source that has one ready; None where none has until an outcome has come."""
    begun, later = list[Iterator[Task | None]](), iter(sources)
    while True:
        for source in begun:
            if (task := next(source, _END)) is _END:
                begun.remove(source)
                break
            if isinstance(task, Task):
                yield task
                break
        else:
            if (another := next(later, None)) is not None:
                begun.append(another)
            elif begun:
                yield None
            else:
                return


_END = object()


class Asked(NamedTuple):
    """The trial that a task is."""

    search: Search
    number: int
    params: Mapping[str, Any]


def tasks(asked: Search, storage: SearchStorage, runner: Runner, target: int) -> Iterator[Task | None]:
    """Trials that were cut off, with the number and parameters that they had, then new ones.

    None where the next one depends on trials under way.
    """
    for cut_off in storage.trials("RUNNING"):
        if len(cut_off.params) == len(asked.space):
            yield _task(asked, storage, runner, cut_off.number, cut_off.params)
        else:
            storage.fail(cut_off.number, NEVER_ASKED)
    while (made := len(storage.trials())) < target:
        learns = made >= RANDOM_TRIALS or asked.prune
        if learns and storage.trials("RUNNING"):
            yield None
            continue
        trial = ask(asked, storage)
        yield _task(asked, storage, runner, trial.number, trial.params)


def _stands(asked: Search, storage: SearchStorage, runner: Runner, trial: "optuna.trial.FrozenTrial") -> bool:
    """Whether a finished trial's run is there, with the values that the search goes by."""
    if not runner.has_been_made(Task(asked.spec(trial.params), asked.name, touch_test=False)):
        return False
    try:
        metrics = _record(asked, storage, trial, runner).metrics
    except HarnessError:  # its own run is gone, or damaged
        return False
    return list(trial.values) == [metrics.get(str(key)) for key in asked.objectives]


def _task(asked: Search, storage: SearchStorage, runner: Runner, number: int, params: Mapping[str, Any]) -> Task:
    rivals = _rivals(asked, storage, runner) if asked.prune else ()
    name = f"{asked.name}, trial {storage.rank(number) + 1}"
    return Task(asked.spec(params), name, touch_test=False, rivals=rivals, note=Asked(asked, number, dict(params)))


def _rivals(asked: Search, storage: SearchStorage, runner: Runner) -> tuple[Curve, ...]:
    """Validation NDCG by epoch of the finished trials."""
    runs = [storage.noted(RUN_ID, trial.number) for trial in storage.trials("COMPLETE")]
    curves: dict[str, list[float]] = {}
    for point in runner.curves(runs, [str(_ndcg(asked.base).on("epoch"))]):
        curves.setdefault(point.run, []).append(point.value)
    return tuple(tuple(curve) for curve in curves.values())


@interrupts.unbroken()
def ask(asked: Search, storage: SearchStorage) -> "optuna.Trial":
    """The next trial. The first is the base itself, the second that with the head start, where there is one; a sampler
    per trial makes the sequence repeatable."""
    import optuna

    rank = len(storage.trials())
    seed = derive(asked.base.seed, "study", rank) % 2**32
    storage.optuna.sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=RANDOM_TRIALS, multivariate=True)
    known = [{}, asked.head_start] if asked.head_start else [{}]
    if rank < len(known):
        storage.next_has(_instead_of_defaults(asked, known[rank]))
    return storage.optuna.ask({key: distribution(axis) for key, axis in asked.space.items()})


def _instead_of_defaults(asked: Search, given: Mapping[str, Any]) -> dict[str, Any]:
    """What is ``given``, else the base's own; a value that cannot be said within its range is left to the sampler."""
    base = {**asked.base.options(), **given}
    own = {key: base[axis.like] if axis.like and base[key] is None else base[key] for key, axis in asked.space.items()}
    return {key: value for key, value in own.items() if asked.space[key].contains(value)}


def _tell(asked: Search, storage: SearchStorage, outcome: Outcome, target: int, observer: Observer) -> None:
    _, number, params = outcome.task.note
    if outcome.result is None:
        storage.fail(number, outcome.failure)
        word = "" if status_of(outcome.failure) is Status.PRUNED else " failed"
        observer.say(f"{outcome.task.name}{word}: {outcome.failure}")
        return
    metrics = outcome.result.metrics
    if missing := [key.on("") for key in asked.objectives if str(key) not in metrics]:
        raise BadInput(
            f"objective {missing[0]}: runs of {asked.base.method} on {asked.base.group} groups do not have it"
        )
    values = {str(key.on("")): metrics[str(key)] for key in asked.objectives}
    storage.note(RUN_ID, number, outcome.result.id)
    storage.finish(number, values, _missing_to_qualify(asked.base, metrics))
    best = any(trial.number == number for trial in storage.optuna.best_trials)
    observer.trial(storage.rank(number) + 1, target, params, values, best, asked.name)


def _missing_to_qualify(base: RunSpec, metrics: Mapping[str, float]) -> float | None:
    """How much more NDCG its selection rule asks of a trial, at most 0 where it qualifies; None where all do."""
    if not has_reference(base):
        return None
    return metrics[str(required_key(base.evaluation.headline_k))] - metrics[str(_ndcg(base))]


def _record(asked: Search, storage: SearchStorage, trial: "optuna.trial.FrozenTrial", runner: Runner) -> Record:
    """A trial as the study keeps it."""
    spec = asked.spec(trial.params)
    return runner.record(
        spec,
        stage="trial",
        variant=asked.label,
        point=asked.point.values,
        number=storage.rank(trial.number),
        params=dict(trial.params),
        run=storage.noted(RUN_ID, trial.number),
        failure=storage.noted(FAILURE, trial.number),
    )


def _ndcg(spec: RunSpec) -> MetricKey:
    return MetricKey("ndcg", spec.evaluation.headline_k, split="validation")

"""Studies: Optuna asks for parameters, :func:`harness.run.run` answers, every trial is a nested run.

Trials select on validation; none of them touches test data. A study is found again by the hash of all that its trials
depend on, so a second call goes on where the first stopped, whatever stopped it: a trial that was cut off keeps its
number and parameters and is finished first.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from harness import paths
from harness.compute import set_up
from harness.console import Observer
from harness.errors import BadInput, HarnessError, unknown
from harness.experiment import Experiment, prepare
from harness.metrics.keys import at
from harness.overrides import build_spec, merged
from harness.registry import registry
from harness.report.study import Trial, report_study
from harness.run import run
from harness.spec import RunSpec, digest_of, flatten
from harness.streams import derive
from harness.study.files import study_name
from harness.study.spec import Axis, BudgetName, GridSpec, SearchSpec, load_study, nested
from harness.track import TrackedRun, Tracker
from harness.track.protocol import one_line

if TYPE_CHECKING:
    import optuna

RANDOM_TRIALS = 5
FAILURE = "failure"
RUN_ID = "run"


@dataclass(frozen=True)
class StudyResult:
    """A study as it stands: id of the parent run, Optuna's name of the study, finished and failed trials."""

    id: str
    name: str
    trials: tuple[Trial, ...]
    failed: int


def run_study(
    name: str,
    tree: Mapping[str, Any],
    *,
    tracker: Tracker,
    budget: BudgetName = "default",
    trials: int | None = None,
    observer: Observer | None = None,
    data_folder: Path | None = None,
    offline: bool = False,
    force: bool = False,
) -> StudyResult:
    """Run the study called ``name``, or go on with it, until its budget of trials is finished.

    Args:
        name: of a study, or the path of its file
        tree: the user's overrides of the run's spec
        budget, trials: how many trials in all; ``trials`` wins
        force: start the study anew instead of going on with it
        data_folder, offline: as for a run

    Raises:
        BadInput: for an unknown study, or a method or key that the study cannot vary.
    """
    observer = observer or Observer()
    study, name = load_study(name), study_name(name)
    if isinstance(study, GridSpec):
        raise BadInput(f"study '{name}' compares methods over seeds: it has no trials")
    base = _base(name, study, tree, budget)
    target = trials or _budget(name, study, budget).trials
    identity = {"space": study.model_dump(mode="json", include={"space", "objectives"}), "base": base.digest}
    full_name = f"{name}-{base.method}-{digest_of(identity)}"
    set_up(base.compute)  # a device that is not there is the request's fault, not a trial's
    with _alone(full_name):
        storage = _Storage(full_name, study, restart=force)
        experiment = prepare(base, observer, data_folder, offline)
        with _parent(storage, tracker, study, base, name) as parent:
            worker = _Worker(study, base, storage, tracker, observer, experiment, parent.id, offline)
            worker.work(target)
            finished = storage.finished(study, base)
            report_study(name, study, base, finished, parent, observer, tracker.location)
            if not finished:
                raise HarnessError(f"study {name}: all {storage.failed()} trials failed; --force starts it anew")
        return StudyResult(parent.id, full_name, tuple(finished), storage.failed())


def _base(name: str, study: SearchSpec, tree: Mapping[str, Any], budget: BudgetName) -> RunSpec:
    """The spec that trials vary; the study's own overrides lie under the user's."""
    method = registry.get("method", tree.get("method") or study.methods[0]).name
    if method not in study.methods:
        raise BadInput(f"study '{name}' varies options of {', '.join(study.methods)}, which '{method}' does not have")
    own = merged(nested(study.base), nested(_budget(name, study, budget).set))
    base = build_spec(merged(merged(own, tree), {"method": method}))
    searched = set(study.space) & set(flatten(dict(tree)))
    if searched:
        raise BadInput(
            f"study '{name}' searches {', '.join(sorted(searched))}: leave it out of --set and the spec file"
        )
    for key in study.space:
        if key not in base.flat():
            raise unknown(f"key in study '{name}'", key, base.flat())
    return base


def _budget(name: str, study: SearchSpec, budget: BudgetName) -> Any:
    if budget not in study.budgets:
        raise unknown(f"budget of study '{name}'", budget, study.budgets)
    return study.budgets[budget]


@contextmanager
def _alone(full_name: str) -> Iterator[None]:
    """One process at a time works on a study: what looks cut off would otherwise be somebody's work in progress."""
    lock = FileLock(paths.studies_folder() / f"{full_name}.lock")
    paths.studies_folder().mkdir(parents=True, exist_ok=True)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise BadInput(f"study {full_name} is running in another process; wait for it or choose another seed") from None
    try:
        yield
    finally:
        lock.release()


class _Storage:
    """Optuna's record of one study: SQLite in the user folder."""

    def __init__(self, full_name: str, study: SearchSpec, *, restart: bool) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        folder = paths.studies_folder()
        with FileLock(folder / "optuna.lock"):
            storage = optuna.storages.RDBStorage(f"sqlite:///{folder / 'optuna.db'}")
            names = {summary.study_name for summary in optuna.get_all_study_summaries(storage)}
            if restart and full_name in names:
                optuna.delete_study(study_name=full_name, storage=storage)
            self.optuna: optuna.Study = optuna.create_study(
                study_name=full_name, storage=storage, directions=list(study.objectives.values()), load_if_exists=True
            )

    def trials(self, *states: str) -> "list[optuna.trial.FrozenTrial]":
        """The trials in any of these states, by number."""
        return [trial for trial in self.optuna.get_trials(deepcopy=False) if trial.state.name in states]

    def failed(self) -> int:
        """How many trials failed."""
        return len(self.trials("FAIL"))

    def finished(self, study: SearchSpec, base: RunSpec) -> list[Trial]:
        """The complete trials as plain data."""
        names, runs = _objectives(study, base), self.optuna.user_attrs
        return [
            Trial(
                trial.number,
                dict(trial.params),
                dict(zip(names, trial.values, strict=True)),
                runs[f"{RUN_ID}/{trial.number}"],
            )
            for trial in self.trials("COMPLETE")
        ]


@contextmanager
def _parent(storage: _Storage, tracker: Tracker, study: SearchSpec, base: RunSpec, name: str) -> Iterator[TrackedRun]:
    """The run that trials belong to: the one of the study's first call where the tracking store still has it."""
    before = storage.optuna.user_attrs.get(RUN_ID)
    parent = tracker.resume(before) if before else None
    if parent is None:
        tags = {
            "study": name,
            "study.name": storage.optuna.study_name,
            "method": base.method,
            "dataset": base.dataset_name,
        }
        params = base.flat() | {f"space/{key}": axis.model_dump(mode="json") for key, axis in study.space.items()}
        parent = tracker.start(f"study {name}: {base.method} {base.dataset_name}", params, tags)
        storage.optuna.set_user_attr(RUN_ID, parent.id)
    with parent:
        yield parent


@dataclass
class _Worker:
    """Carries out trials one after the other."""

    study: SearchSpec
    base: RunSpec
    storage: _Storage
    tracker: Tracker
    observer: Observer
    experiment: Experiment
    parent: str
    offline: bool

    def work(self, target: int) -> None:
        """Trials until ``target`` of them are finished or have failed; those cut off come first."""
        for cut_off in self.storage.trials("RUNNING"):
            self._close_run_of(cut_off.number)
            if len(cut_off.params) == len(self.study.space):
                self._carry_out(cut_off.number, cut_off.params, target)
            else:  # stopped while it was being asked for: it never had parameters
                self.storage.optuna.tell(cut_off.number, state=_fail_state())
        while len(self.storage.trials("COMPLETE", "FAIL")) < target:
            trial = self._ask()
            self._carry_out(trial.number, trial.params, target)

    def _close_run_of(self, number: int) -> None:
        """A run that was cut off is marked so; the trial gets a run of its own."""
        run_id = self.storage.optuna.user_attrs.get(f"{RUN_ID}/{number}")
        half_done = self.tracker.resume(run_id) if run_id else None
        if half_done is not None:
            half_done.set_tags({FAILURE: "the process was stopped"})
            half_done.end("KILLED")

    def _ask(self) -> "optuna.Trial":
        """The next trial. The first is the method's defaults; a sampler per trial makes the sequence repeatable."""
        import optuna

        optuna_study = self.storage.optuna
        number = len(optuna_study.get_trials(deepcopy=False))
        seed = derive(self.base.seed, "study", number) % 2**32
        optuna_study.sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=RANDOM_TRIALS, multivariate=True)
        if number == 0:
            optuna_study.enqueue_trial(self._defaults())
        return optuna_study.ask({key: _distribution(axis) for key, axis in self.study.space.items()})

    def _defaults(self) -> dict[str, Any]:
        """The base's own values; one that is unset (ξ: the learning rate) is left to the sampler."""
        flat = self.base.flat()
        return {key: flat[key] for key in self.study.space if flat[key] is not None}

    def _carry_out(self, number: int, params: Mapping[str, Any], target: int) -> None:
        """Run one trial and record its values, or its failure, which does not stop the study."""
        optuna_study = self.storage.optuna
        tree = merged(self.base.model_dump(mode="json"), nested(params))
        try:
            result = run(
                build_spec(tree),
                tracker=self.tracker,
                observer=_TrialView(self.observer, number),
                offline=self.offline,
                experiment=self.experiment,
                parent=self.parent,
                on_start=lambda run_id: optuna_study.set_user_attr(f"{RUN_ID}/{number}", run_id),
                touch_test=False,
            )
        except HarnessError as error:
            optuna_study.set_user_attr(f"{FAILURE}/{number}", one_line(error))
            optuna_study.tell(number, state=_fail_state())
            self.observer.say(f"trial {number + 1} failed: {one_line(error)}")
            return
        values = {name: result.metrics[f"validation/{name}"] for name in _objectives(self.study, self.base)}
        optuna_study.set_user_attr(f"{RUN_ID}/{number}", result.id)
        optuna_study.tell(number, list(values.values()))
        best = any(trial.number == number for trial in optuna_study.best_trials)
        self.observer.trial(number + 1, target, dict(params), values, best)


class _TrialView(Observer):
    """Shows a trial's epochs but not its stages: the study has its own lines."""

    def __init__(self, behind: Observer, number: int) -> None:
        self._behind = behind
        behind.stage(f"trial {number + 1}")

    def say(self, line: str) -> None:
        self._behind.say(line)

    def epoch(self, number: int, max_epochs: int, loss: float, ndcg: float, cv: float, best: bool) -> None:
        self._behind.epoch(number, max_epochs, loss, ndcg, cv, best)


def _objectives(study: SearchSpec, base: RunSpec) -> list[str]:
    """The validation metrics that judge a trial."""
    return [at(name.replace("{group}", base.group), base.evaluation.headline_k) for name in study.objectives]


def _distribution(axis: Axis) -> "optuna.distributions.BaseDistribution":
    from optuna.distributions import FloatDistribution, IntDistribution

    if axis.integer:
        return IntDistribution(int(axis.low), int(axis.high), log=axis.log)
    return FloatDistribution(axis.low, axis.high, log=axis.log)


def _fail_state() -> Any:
    import optuna

    return optuna.trial.TrialState.FAIL

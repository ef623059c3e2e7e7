"""Every part of a run but its training, really done once, on a stand-in of its data and in a store that is thrown away.

What a run does is done by what does it, so that nothing here has to be kept like it: building the model, a few steps,
validation, test, the files that a run leaves, its model, its record in a database.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from harness.base.changing import NotKept
from harness.plugins.registry import registry
from harness.runs.context import Context
from harness.runs.diagnosis.diagnose import origins, signatures
from harness.runs.diagnosis.drift import neighbour_overlap
from harness.runs.estimate.closed_form import Told, told_from_parts
from harness.runs.estimate.cost import RunCost
from harness.runs.estimate.stand_in import StandIn, ranked
from harness.runs.estimate.stopwatch import Stopwatch
from harness.runs.estimate.timed_training import Judge, TimedTraining, timed_training
from harness.runs.experiment import Experiment
from harness.runs.observer import Observer
from harness.runs.stages import Stages
from harness.spec.reference import reference_of
from harness.spec.run_spec import RunSpec
from harness.spec.selection import Bar
from harness.track import Tracker, open_tracker
from harness.training.checkpoint import Checkpoint
from harness.training.fit import EarlyStopping, Epoch, Fit, Progress
from harness.training.validation import validator

if TYPE_CHECKING:
    import torch

SIMPLEST = "most_popular"
"""The method whose fit and scores cost next to nothing."""
MANY_ITEMS = 10_000
"""Items from which on what compares each with each other is told from fewer of them."""


@dataclass(frozen=True)
class Rehearsed:
    """A run that has been rehearsed.

    Attributes:
        cost: what it takes once its data are there
        trained: its method, after a few steps
        run: its id in the store that is thrown away
    """

    cost: RunCost
    trained: TimedTraining
    run: str


@contextmanager
def passing_store(tracker: Tracker, watch: Stopwatch) -> Iterator[tuple[Tracker, float]]:
    """A store like ``tracker``, as far as that can be had for nothing, and seconds of importing what writes to it.

    It is a new SQLite database, where anything is kept at all; it goes away in the end.
    """
    if not tracker.keeps:
        yield tracker, 0.0
        return
    from harness.track.mlflow_store import import_mlflow

    began = watch.now()
    import_mlflow()
    imported = watch.now() - began
    with tempfile.TemporaryDirectory(prefix="harness-", ignore_cleanup_errors=True) as folder:
        store = open_tracker(f"sqlite:///{folder}/runs.db")
        store.start("its tables are made with the first run", {}, {}).end("FINISHED")
        yield store, imported


@dataclass(frozen=True)
class Rehearsal:
    """Where runs are rehearsed.

    Attributes:
        whole: the data as they are
        small: a stand-in of them
        device: where tensors live
        context: of the real runs
        store: that is thrown away
        watch: counts seconds
    """

    whole: Experiment
    small: StandIn
    device: "torch.device"
    context: Context
    store: Tracker
    watch: Stopwatch

    def of(self, spec: RunSpec, bar: Bar | None = None, beside: Tracker | None = None) -> Rehearsed:
        """A run, from building its model to its end, but for the origins of its unfairness.

        Args:
            bar: what its rule asks of an epoch, and which run it is shown beside
            beside: where that run is recorded; None: where this one is
        """
        trained = self.train(spec, bar)
        self.context.observer.stage("rehearsing what follows training")
        end = _End(self, spec, trained, bar, self.store if beside is None else beside)
        test = self.small.scaled(end.seconds, self.small.tested)
        test += trained.scoring * len(ranked(self.whole.split.test))
        return Rehearsed(RunCost(trained.cost, test), trained, end.runs[0])

    def train(self, spec: RunSpec, bar: Bar | None = None) -> TimedTraining:
        """A few steps of a run."""
        self.context.observer.stage(f"timing steps: {spec.method} on {spec.group} groups, {self.device}")
        small, problem = self.small.experiment, self.whole.problem(spec, self.device)
        judge = validator(spec, small.split, small.trained, self.device, bar)
        kind = registry.get("method", spec.method)
        told = None if kind.iterative else told_from_parts(kind, spec.config, problem, self.watch)
        if told is not None:
            return self._not_fitted(spec, told, judge)
        trained = timed_training(spec, problem, judge, self.small.validated, self.watch)
        if trained.method.iterative and 0 < self.context.checkpoint_every < trained.cost.seconds():
            _keep_for_a_moment(trained)
        return trained

    def _not_fitted(self, spec: RunSpec, told: Told, judge: Judge) -> TimedTraining:
        """A closed form whose fit would take long; what follows is rehearsed with one that costs next to nothing."""
        options = registry.get("method", SIMPLEST).Config()
        simple = spec.model_copy(update={"method": SIMPLEST, "config": options})
        instead = timed_training(simple, self.whole.problem(spec, self.device), judge, self.small.validated, self.watch)
        (phase,) = instead.cost.phases
        users = len(ranked(self.whole.split.validation))
        fit = replace(phase, training=told.seconds, validation=phase.validation + users * told.scoring)
        cost = replace(instead.cost, phases=(fit,))
        return replace(instead, cost=cost, scoring=told.scoring, peak_memory=told.peak_memory)

    def seconds(self, work: Callable[[], object]) -> float:
        """Of some work."""
        began = self.watch.now()
        work()
        return self.watch.now() - began

    def with_origins(self, spec: RunSpec, run: Rehearsed, reference: TimedTraining | None = None) -> RunCost:
        """What a rehearsed run takes with the stage that says where unfairness comes from.

        Args:
            reference: the method that is trained on learnt vectors for that, where it has been timed
        """
        import torch

        learnt, given = run.trained.method.representations(), self.whole.embeddings
        if not spec.evaluation.origins or learnt is None or given is None:
            return run.cost
        initial = torch.as_tensor(given, dtype=learnt.dtype, device=learnt.device)
        if torch.equal(initial, learnt):
            return replace(run.cost, origins=self._origins(run.trained, spec))
        reference = reference or self.train(reference_of(spec))
        seconds = self._origins(reference, spec) + reference.cost.longest.validation  # one more is measured
        return replace(run.cost, origins=seconds, fresh=reference.cost)

    def _origins(self, trained: TimedTraining, spec: RunSpec) -> float:
        """Of a method that has not changed its vectors: nothing is trained."""
        learnt, n_items = trained.method.representations(), self.whole.corpus.n_items
        if learnt is not None and n_items > MANY_ITEMS:
            few = learnt[: MANY_ITEMS // 2]
            pairs = (n_items / len(few)) ** 2
            return 3 * trained.cost.longest.validation + pairs * self.seconds(lambda: neighbour_overlap(few, few))
        return self.small.scaled(
            lambda data: self.seconds(lambda: origins(trained.method, spec, data, self.device, Observer().progress)),
            self.small.tested,
        )


@dataclass
class _End:
    """All that comes after training, done on a stand-in, with the training that there was.

    Attributes:
        runs: ids of the runs that were recorded
    """

    rehearsal: Rehearsal
    spec: RunSpec
    trained: TimedTraining
    bar: Bar | None
    beside: Tracker
    runs: list[str] = field(default_factory=list)

    def seconds(self, data: Experiment) -> float:
        """Of beginning a run, selecting, measuring and keeping it."""
        return self.rehearsal.seconds(lambda: self._on(data))

    def _on(self, data: Experiment) -> None:
        here, trained = self.rehearsal, self.trained
        fitted = Fit([Epoch(1, trained.report, trained.score, True, 0.0)], 1)
        options = self.spec.evaluation.model_copy(update={"origins": False})
        spec = self.spec.model_copy(update={"evaluation": options})
        context = replace(here.context, tracker=self.beside, observer=Observer())
        with here.store.start(spec.label, spec.flat(), {}) as tracked:
            side_by_side = self.bar is not None and here.store.keeps
            stages = Stages(spec, data, here.device, tracked, Observer(), self.bar, side_by_side=side_by_side)
            if trained.method.iterative:
                signatures(fitted, spec, data)
            stages.select(fitted, {})
            stages.test(trained.method, fitted, context)
        self.runs.append(tracked.id)


def _keep_for_a_moment(trained: TimedTraining) -> None:
    """Write a checkpoint to nowhere: memory has to have room for it beside the best epoch's state."""
    method = trained.method
    progress = Progress(EarlyStopping(1), [], method.state())
    with suppress(NotKept):
        Checkpoint({}, method.training_state(), progress).encoded()

"""What a search measured, with its objectives and ranges: the ground of every part of its report."""

from dataclasses import dataclass
from math import inf, isfinite, nan

import numpy as np
import numpy.typing as npt

from harness.spec.selection import Rule, parse, required_key
from harness.stats.front import pareto_front
from harness.study.records import Record, Records
from harness.study.study_spec import Axis, SearchSpec

SPLIT = "validation"


@dataclass(frozen=True)
class Objective:
    """What judges a trial: its key in the records, what people call it, and whether more of it is better."""

    key: str
    label: str
    maximise: bool

    @property
    def direction(self) -> str:
        """For axes."""
        return "more is better" if self.maximise else "less is better"


@dataclass(frozen=True, eq=False)
class Observed:
    """A search's records, sorted out.

    Attributes:
        study: as declared, with the space that was searched
        objectives: what judges trials
        trials: finished ones that have every objective, by number
        unfinished: the other trials
        curves: finished runs that vary one key
        unfinished_curves: the others
    """

    study: SearchSpec
    objectives: tuple[Objective, ...]
    trials: tuple[Record, ...]
    unfinished: tuple[Record, ...]
    curves: tuple[Record, ...]
    unfinished_curves: tuple[Record, ...]

    def values(self, objective: Objective) -> npt.NDArray[np.float64]:
        """Of the trials, shape (n,)."""
        return np.array([trial.metrics[objective.key] for trial in self.trials], dtype=np.float64)

    def gains(self) -> npt.NDArray[np.float64]:
        """All objectives of the trials, turned so that more is better, shape (n, n_objectives)."""
        columns = [self.values(one) * (1 if one.maximise else -1) for one in self.objectives]
        return np.column_stack(columns) if self.trials else np.empty((0, len(columns)))

    def on_front(self) -> npt.NDArray[np.bool_]:
        """Which of the trials that qualify no other such trial beats in every objective (Pareto 1906), shape (n,)."""
        on = self.qualifies()
        on[on] = pareto_front(self.gains()[on], [True] * len(self.objectives))
        return on

    def qualifies(self) -> npt.NDArray[np.bool_]:
        """Which trials are as accurate as their selection rule asks, all where it asks nothing; shape (n,)."""
        return np.array([ndcg_of(one) >= required_ndcg(one) for one in self.trials], dtype=np.bool_)

    def best(self) -> Record | None:
        """The trial that the selection rule prefers, the earlier of equal ones; None where none qualifies."""
        good = [trial for trial, on in zip(self.trials, self.qualifies(), strict=True) if on]
        return max(good, key=_preference) if good else None

    def symbol(self, key: str) -> str:
        """The paper's symbol of a key, else the last part of its name."""
        return self.study.symbol(key)

    def searched(self) -> dict[str, Axis]:
        """The keys that the trials vary, with their ranges."""
        return {key: axis for key, axis in self.study.space.items() if all(key in one.params for one in self.trials)}


def observe(study: SearchSpec, records: Records) -> Observed:
    """Sort a search's records."""
    runs = [record for record in records.runs if record.stage in ("trial", "curve")]
    objectives = _objectives(study, next((record for record in runs if record.spec), None))

    def whole(record: Record) -> bool:
        return record.finished and all(isfinite(record.metrics.get(one.key, np.nan)) for one in objectives)

    trials = sorted(records.stage("trial"), key=lambda record: record.number or 0)
    curves = records.stage("curve")
    return Observed(
        study,
        objectives,
        trials=tuple(record for record in trials if whole(record)),
        unfinished=tuple(record for record in trials if not whole(record)),
        curves=tuple(record for record in curves if whole(record)),
        unfinished_curves=tuple(record for record in curves if not whole(record)),
    )


def rule_of(record: Record) -> Rule:
    """The selection rule of a run."""
    return parse(record.rule)


def required_ndcg(record: Record) -> float:
    """The validation NDCG that its rule asks of a run; −∞ where it asks nothing."""
    return record.metrics.get(str(required_key(record.view.k)), -inf)


def ndcg_of(record: Record) -> float:
    """A run's validation NDCG at the headline cut-off."""
    return record.metrics[str(record.view.metric("ndcg", SPLIT))]


def _preference(record: Record) -> float:
    """What the rule prefers among trials that qualify: accuracy, or under ``fair_within`` a low CV."""
    if rule_of(record).share is None:
        return ndcg_of(record)
    cv = record.metrics.get(str(record.view.metric("{group}/cv", SPLIT)), nan)
    return -cv if isfinite(cv) else -inf


def _objectives(study: SearchSpec, run: Record | None) -> tuple[Objective, ...]:
    if run is None:
        return ()
    keys = {run.view.metric(name, SPLIT): way for name, way in study.objectives.items()}
    return tuple(Objective(str(key), key.label, way == "maximize") for key, way in keys.items())

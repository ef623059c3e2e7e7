"""Runs that have been measured elsewhere: a study's exported records stand for runs that need not be made again."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from harness.base.errors import BadInput
from harness.spec.build import build_spec
from harness.study.plan import Contender, GridPlan
from harness.study.records import CurvePoint, Record, Records

SECONDS = "run_seconds"
"""What a run took from its beginning to its end."""


@dataclass(frozen=True)
class Archive:
    """Finished runs by digest of the spec and whether test data was touched.

    Attributes:
        runs: by that key
        curves: values by epoch of such runs
        outdated: how many records have specs that this version does not understand
    """

    runs: Mapping[tuple[str, bool], Record] = field(default_factory=dict)
    curves: tuple[CurvePoint, ...] = ()
    outdated: int = 0

    @classmethod
    def of(cls, records: Records) -> "Archive":
        """What ``records`` hold that can stand for a run."""
        runs, outdated = {}, 0
        for record in records.runs:
            if not record.run:
                continue
            try:
                runs[build_spec(record.spec).digest, record.stage == "compare"] = record
            except BadInput:
                outdated += 1
        return cls(runs, records.curves, outdated)


@dataclass(frozen=True)
class Missing:
    """What a study still lacks, and how long it will take.

    Attributes:
        trials, runs: how many of each
        seconds: in all, one after the other; None where nothing of the kind has been measured
        unknown: variants of which no run has been measured, whose runs are taken to be as long as the others'
    """

    trials: int
    runs: int
    seconds: float | None
    unknown: tuple[str, ...] = ()

    @property
    def nothing(self) -> bool:
        """Whether all is there."""
        return not self.trials and not self.runs


def missing(plan: GridPlan, records: Records | None) -> Missing:
    """What ``records`` lack of ``plan``, with the mean time of each variant's runs that they have."""
    have = () if records is None else records.runs
    there = Counter(_place(record) for record in have if record.settled)
    lacking: Counter[str] = Counter()
    trials = runs = 0
    for contender in plan.contenders:
        wanted = plan.trials_of(contender)
        short = sum(max(0, wanted - there[_trial(contender, seed)]) for seed in plan.tuning_seeds)
        pairs = product(contender.rules, plan.seeds)
        absent = sum(not there[_run(contender, rule, seed)] for rule, seed in pairs)
        trials, runs = trials + short, runs + absent
        lacking[contender.label] += short + absent
    took = _seconds(have)
    unknown = tuple(label for label, count in lacking.items() if count and label not in took)
    if not took:
        return Missing(trials, runs, None, unknown)
    usual = sum(took.values()) / len(took)
    return Missing(trials, runs, sum(count * took.get(label, usual) for label, count in lacking.items()), unknown)


def _place(record: Record) -> tuple[str, ...]:
    """What distinguishes a run of a study from the others; trials of one search share theirs."""
    rule = record.rule if record.stage == "compare" else ""
    return record.stage, record.variant, _written(record.point), rule, str(record.seed)


def _trial(contender: Contender, seed: int) -> tuple[str, ...]:
    return "trial", contender.label, _written(contender.point.values), "", str(seed)


def _run(contender: Contender, rule: str, seed: int) -> tuple[str, ...]:
    return "compare", contender.label, _written(contender.point.values), rule, str(seed)


def _written(point: Mapping[str, Any]) -> str:
    """A point as text, the same before and after its records were written and read."""
    return json.dumps(point, sort_keys=True)


def _seconds(records: Iterable[Record]) -> dict[str, float]:
    """Mean seconds of a run, by variant."""
    found: dict[str, list[float]] = {}
    for record in records:
        if SECONDS in record.metrics:
            found.setdefault(record.variant, []).append(record.metrics[SECONDS])
    return {label: sum(values) / len(values) for label, values in found.items()}

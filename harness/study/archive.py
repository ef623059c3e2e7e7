"""Runs that have been measured elsewhere: a study's exported records stand for runs that need not be made again."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from harness.base.errors import BadInput
from harness.spec.build import build_spec
from harness.spec.selection import BEST_NDCG
from harness.study.plan import GridPlan, PlannedArm
from harness.study.records import CurvePoint, Record, Records
from harness.study.study_spec import Tuning

REFERENCE_OPTIONS = "reference_options"
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
            if digest := digest_now(record):
                runs[digest, record.stage == "compare"] = record
            else:
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
    asked = {arm.search: arm for arm in plan.searches}
    settled = [record for record in have if record.settled and _is_asked(record, asked.get(record.arm.search))]
    runs = {(record.arm, record.seed) for record in settled if record.stage == "compare"}
    stands = records is not None and _is_tuned_alike(plan, records)
    trials = Counter((record.arm.search, record.seed) for record in settled if record.stage == "trial" and stands)
    short, absent = Counter[str](), Counter[str]()
    for arm in plan.searches:
        made = (trials[arm.search, seed] for seed in plan.tuning_seeds)
        short[arm.variant] += sum(max(0, plan.trials_of(arm) - number) for number in made)
    for arm in plan.arms:
        absent[arm.variant] += sum((arm, seed) not in runs for seed in plan.seeds)
    lacking = short + absent
    took = _seconds(have)
    unknown = tuple(label for label in lacking if label not in took)
    if not took:
        return Missing(short.total(), absent.total(), None, unknown)
    usual = sum(took.values()) / len(took)
    seconds = sum(count * took.get(label, usual) for label, count in lacking.items())
    return Missing(short.total(), absent.total(), seconds, unknown)


def _is_asked(record: Record, arm: PlannedArm | None) -> bool:
    """Whether a record is a run that the plan asks for, and not one under options that the study had before.

    What tuning chose is taken from the record: for the run, and for what ``fair_within`` compares it with.
    """
    if arm is None:
        return False
    compared = record.spec.get("evaluation", {}).get(REFERENCE_OPTIONS) or {}
    params = {**record.params, **{f"evaluation.{REFERENCE_OPTIONS}.{key}": value for key, value in compared.items()}}
    asked = arm.spec(record.seed, params, BEST_NDCG if record.stage == "trial" else record.rule).digest
    return record.tags.get("spec") == asked or digest_now(record) == asked


def _is_tuned_alike(plan: GridPlan, records: Records) -> bool:
    """Whether their trials are of the searches that the plan asks for."""
    unsaid = Tuning().model_dump(mode="json")
    return unsaid | records.declared.get("tuning", {}) == plan.study.tuning.model_dump(mode="json")


def digest_now(record: Record) -> str:
    """The digest of its spec as this version has it; empty where it does not understand the spec."""
    try:
        return build_spec(record.spec).digest
    except BadInput:
        return ""


def _seconds(records: Iterable[Record]) -> dict[str, float]:
    """Mean seconds of a run, by variant."""
    found: dict[str, list[float]] = {}
    for record in records:
        if SECONDS in record.metrics:
            found.setdefault(record.variant, []).append(record.metrics[SECONDS])
    return {label: sum(values) / len(values) for label, values in found.items()}

"""The metrics that a study declares are ones that its runs have: a misspelt one would be missed after the last run."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal

from harness.base.errors import BadInput, hint
from harness.domain.exposure_names import ALWAYS
from harness.domain.metric_key import GROUP, UTILITY, MetricKey
from harness.evaluation.evaluate import SELECTING
from harness.plugins.registry import registry
from harness.spec.options import EvaluationOptions
from harness.spec.run_spec import RunSpec
from harness.study.study_spec import GridSpec

COSTS = ("training_seconds", "seconds_per_epoch", "run_seconds", "peak_memory_mb", "peak_cuda_memory_mb")
COUNTS = ("epochs", "best_epoch")
OF_TUNING: Mapping[str, Literal["maximize", "minimize"]] = {"ndcg": "maximize", f"{GROUP}/cv": "minimize"}
"""The objectives of tuning, the same for every method, so that none is searched more cleverly than another."""


def check_objectives(name: str, objectives: Iterable[str], base: RunSpec) -> None:
    """Raise BadInput where validation of a run does not have one of a study's ``objectives``."""
    k, group = base.evaluation.headline_k, base.group
    known = [*SELECTING, *(f"{GROUP}/{disparity}" for disparity in _disparities(group)), *COSTS]
    keys = {MetricKey.declared(one, group, k, "validation") for one in known}
    for declared in objectives:
        if MetricKey.declared(declared, group, k, "validation") not in keys:
            raise _unknown(f"study '{name}': objective", declared, "a run's validation has", known)


def check_shown(name: str, study: GridSpec, specs: Sequence[RunSpec]) -> None:
    """Raise BadInput where no run of a comparison has a metric that it shows, claims something of or has published.

    Args:
        specs: of the runs, those of one seed
    """
    problems = {(spec.group, spec.groups, *_reported(spec.evaluation)): spec for spec in specs}.values()
    found = {key for spec in problems for key in _measured(spec)}
    short, whole = _names(problems), sorted(map(str, found))
    for where, declared in _declared(study):
        keys = {MetricKey.declared(declared, spec.group, spec.evaluation.headline_k) for spec in problems}
        if not any(key in found or _is_open(key) for key in keys):
            raise _unknown(f"study '{name}': {where}", declared, "runs have", short)
    for declared in study.metrics:  # written as stores have them
        keys = {MetricKey.parse(declared.replace(GROUP, spec.group)) for spec in problems}
        if not any(key in found or _is_open(key) for key in keys):
            raise _unknown(f"study '{name}': metrics", declared, "runs have", whole)


def _reported(options: EvaluationOptions) -> tuple[Sequence[object], ...]:
    """What decides, beside groupings, which metrics a run has."""
    return options.ks, options.metrics, options.exposure


def _is_open(key: MetricKey) -> bool:
    """Whether only a run can tell if it has it: a curve, which is its method's own, or what a single group gets."""
    return key.split not in ("test", "validation", "") or (key.name == UTILITY and bool(key.group))


def _declared(study: GridSpec) -> Iterator[tuple[str, str]]:
    for claim in study.claims:
        if claim.metric:
            yield f"claim '{claim.text}'", claim.metric
    for published in study.published:
        yield f"published by {published.source}", published.metric


def _measured(spec: RunSpec) -> Iterator[MetricKey]:
    """What is known of a finished run's metrics before it is made."""
    for name in (*COSTS, *COUNTS):
        yield MetricKey(name)
    validated = (*SELECTING, *(f"{spec.group}/{name}" for name in _disparities(spec.group)))
    yield from (MetricKey.declared(name, spec.group, spec.evaluation.headline_k, "validation") for name in validated)
    for k in spec.evaluation.ks:
        for name in spec.evaluation.metrics:
            yield MetricKey(name, k, split="test")
        for grouping in spec.groups:
            for name in (*_disparities(grouping), *ALWAYS, *spec.evaluation.exposure):
                yield MetricKey(name, k, grouping, split="test")


def _disparities(grouping: str) -> Sequence[str]:
    return registry.get("grouping", grouping).disparities


def _names(specs: Iterable[RunSpec]) -> list[str]:
    """How claims may write the metrics that they have."""
    names = dict.fromkeys(COSTS)
    for spec in specs:
        names |= dict.fromkeys(spec.evaluation.metrics)
        for grouping in (GROUP, *spec.groups):
            own = _disparities(spec.group if grouping == GROUP else grouping)
            names |= dict.fromkeys(f"{grouping}/{name}" for name in (*own, *ALWAYS, *spec.evaluation.exposure))
    return list(names)


def _unknown(where: str, declared: str, whose: str, known: Sequence[str]) -> BadInput:
    otherwise = f"{whose} {', '.join(known)}"
    return BadInput(f"{where}: no metric '{declared}': {hint(declared, known, otherwise)}")

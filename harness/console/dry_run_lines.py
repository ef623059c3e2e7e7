"""What a run will take, as lines for people."""

from collections.abc import Iterator

from harness.runs.estimate.cost import RunCost, TrainingCost
from harness.runs.estimate.dry_run import DryRun
from harness.runs.estimate.run_estimate import MEGABYTE, Estimate
from harness.spec.as_toml import as_toml
from harness.study.estimate.dry_study import DryStudy
from harness.study.estimate.study_estimate import StudyEstimate

WIDTH = 40
BUSY = 1.2
NOTHING_FETCHED = "estimate: none before that is here; nothing was fetched (cards name places, not sizes)"
KINDS = {"trial": "to train and select", "test": "with test and files"}


def dry_run_lines(found: DryRun) -> Iterator[str]:
    """The spec, what is on record, what is missing, the estimate."""
    yield as_toml(found.spec).rstrip("\n")
    yield ""
    yield f"on record: {_on_record(found)}"
    if found.reference:
        where = f"run {found.reference_run}" if found.reference_run else "not on record, it is trained first"
        yield f"measured by {found.reference} ({found.spec.training.selection}): {where}"
    for one in found.missing:
        yield f"to be fetched first: {one.line}"
    if found.missing:
        yield NOTHING_FETCHED
    if found.estimate is not None:
        yield from estimate_lines(found.estimate)


def in_short(found: DryRun) -> str:
    """The one line that says most."""
    if found.estimate is not None:
        return " and ".join(_sums(found.estimate))
    if found.missing:
        return f"no estimate before this is fetched: {'; '.join(one.line for one in found.missing)}"
    return f"on record: run {found.run}"


def estimate_lines(estimate: Estimate) -> Iterator[str]:
    """Where the time goes, and the sums."""
    yield f"estimate ({estimate.steps} steps were timed, what follows training was rehearsed):"
    yield _row("start, data, and the process's end", estimate.start + estimate.data)
    if estimate.encoding:
        yield _row("encoding texts", estimate.encoding)
    if estimate.reference is not None:
        yield _row("the run it is measured by", estimate.reference.seconds())
        yield from (f"  {line}" for line in _run_lines(estimate.reference))
    yield from _run_lines(estimate.run)
    yield from (f"  note: {note}" for note in _notes(estimate))
    yield from (f"  {line}" for line in _sums(estimate))


def is_busy(estimate: Estimate | StudyEstimate) -> bool:
    """Whether the machine had other work while the estimate was made."""
    return estimate.slowdown > BUSY


def _notes(estimate: Estimate | StudyEstimate) -> Iterator[str]:
    yield from estimate.notes
    if is_busy(estimate):
        yield f"a second of work, as in the lines above, takes {estimate.slowdown:.1f} s on this busy machine"


def _run_lines(cost: RunCost) -> Iterator[str]:
    yield from _training_lines("training", cost.training)
    if cost.test:
        yield _row("test, files, model", cost.test)
    if cost.origins:
        yield _row("where unfairness comes from", cost.origins)
    if cost.fresh is not None:
        yield from _training_lines("… on a new reference", cost.fresh)


def _training_lines(name: str, cost: TrainingCost) -> Iterator[str]:
    if cost.epochs == 1:
        yield _row(name, cost.seconds())
        return
    yield _row(f"{name}, up to {cost.epochs} epochs", cost.seconds())
    for phase in cost.phases:
        each = f"{duration(phase.training)} of steps and {duration(phase.validation)} of validation"
        more = f"; the first takes {duration(phase.first)} more" if phase.first > phase.training else ""
        yield f"    {phase.epochs} epochs of {each}{more}"


def _sums(estimate: Estimate) -> Iterator[str]:
    busily = f" on a machine as busy as now, {duration(estimate.work)} on a quiet one" if is_busy(estimate) else ""
    most = f"{duration(estimate.seconds)} at most{busily}"
    if estimate.expected_seconds is not None:
        epochs = f"{estimate.epochs} epochs, which those on record had"
        most = f"{duration(estimate.expected_seconds)} with {epochs}; {most}"
    yield most
    if estimate.peak_memory_mib is not None:
        gpu = ""
        if estimate.peak_cuda_memory is not None:
            gpu = f", {estimate.peak_cuda_memory / MEGABYTE:,.0f} MiB on the GPU"
        yield f"{estimate.peak_memory_mib:,.0f} MiB of memory{gpu}"


def dry_study_lines(found: DryStudy) -> Iterator[str]:
    """What a study consists of, what is on record, what is missing, the estimate."""
    plan = found.plan
    yield f"study {plan.name}, budget {plan.budget}; its first run:"
    yield as_toml(plan.first).rstrip("\n")
    yield ""
    yield f"{found.trials} runs that only select, {found.runs} that are measured on test data"
    yield f"on record: {found.on_record.trials} and {found.on_record.runs} of them"
    yield from (f"to be fetched first: {one.line}" for one in found.missing)
    if found.estimate is None:
        yield NOTHING_FETCHED
        return
    yield "estimate (a few steps of each method at its defaults were timed, what follows was rehearsed):"
    for name, costs in found.estimate.costs.items():
        parts = [f"{duration(costs[key])} {words}" for key, words in KINDS.items() if key in costs]
        yield f"  {name}: {', '.join(parts)}"
    yield from (f"  note: {note}" for note in _notes(found.estimate))
    yield from (f"  {line}" for line in _study_sums(found))


def study_in_short(found: DryStudy) -> str:
    """The one line that says most."""
    if found.estimate is None:
        return f"no estimate before this is fetched: {'; '.join(one.line for one in found.missing)}"
    return " and ".join(_study_sums(found))


def _study_sums(found: DryStudy) -> Iterator[str]:
    estimate = found.estimate
    assert estimate is not None
    assert found.seconds_left is not None
    several = f"{estimate.workers} runs at once ({duration(estimate.work)} of work)"
    at_once = several if estimate.workers > 1 else "one run after the other"
    left = found.seconds_left
    rest = f", {duration(left)} for what is not on record" if left < estimate.seconds else ""
    yield f"{duration(estimate.seconds)} at most, {at_once}{rest}"
    if estimate.peak_memory is not None:
        each = f" in each of {estimate.workers} processes" if estimate.workers > 1 else ""
        yield f"{estimate.peak_memory / MEGABYTE:,.0f} MiB of memory{each}"


def duration(seconds: float) -> str:
    """Seconds, minutes or hours, to about two digits."""
    if seconds < 10:
        return f"{seconds:.2g} s"
    if seconds < 180:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def _row(name: str, seconds: float) -> str:
    return f"  {name:<{WIDTH}}{duration(seconds)}"


def _on_record(found: DryRun) -> str:
    if found.run is None:
        return "no run that stands for this one"
    took = f", which took {duration(found.run_seconds)}" if found.run_seconds is not None else ""
    again = ": this is what is made with --force" if found.estimate else ": it is shown, nothing is trained"
    return f"run {found.run}{took}{again}"

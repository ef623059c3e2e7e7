"""What a comparison asked, what it ran, and everything that went wrong on the way."""

from collections import Counter
from collections.abc import Iterable, Sequence

from harness.report.document import Block, Section, Table, Text
from harness.report.grid.point_arms import seed_list
from harness.report.grid.run_provenance import data_table, environment, tuning_table
from harness.report.numbers import ABSENT, counted
from harness.runs.diagnosis.signatures import SIGNATURES
from harness.study.points import written
from harness.study.records import Record, Records
from harness.study.study_spec import GridSpec


def overview_section(study: GridSpec, records: Records) -> Section:
    """Question, extent, data, tuning, environment, failures and warnings."""
    finished = [record for record in records.runs if record.finished]
    parts: list[Block | None] = [
        Text(_extent(study, records), _counts(records)),
        data_table(measured) if (measured := [run for run in finished if run.stage == "compare"]) else None,
        tuning_table(records) or Text("No variant was tuned: each ran as the study declares it."),
        environment(finished) if finished else None,
        _failures(records.runs),
        _warnings(finished),
    ]
    return Section("Overview", tuple(part for part in parts if part is not None))


def _extent(study: GridSpec, records: Records) -> str:
    compared = records.stage("compare")
    variants = len({record.variant for record in compared})
    seeds = seed_list(record.seed for record in compared) if compared else "no seed"
    baseline = f", compared with {study.baseline}" if study.baseline else ""
    return (
        f"Study {records.study}, budget {records.budget}: {counted(variants, 'variant')}{baseline}; {seeds} "
        "(a seed decides initialisation and, unless the study fixes one, the split)."
    )


def _counts(records: Records) -> tuple[str, ...]:
    """Of each stage, how many runs finished, failed, or found nothing that qualifies."""
    stages = {"compare": "measured on test data", "curve": "along curves, on validation data", "trial": "to tune"}
    texts = []
    for stage, what in stages.items():
        own = [record for record in records.runs if record.stage == stage]
        failed = sum(not record.finished and record.qualifies for record in own)
        none = sum(not record.qualifies for record in own)
        if own:
            notes = [f"{failed} failed"] if failed else []
            notes += [f"{none} met no accuracy that their rule asks for"] if none else []
            texts.append(f"{counted(len(own), 'run')} {what}: {', '.join(notes) or 'all finished'}")
    return tuple(texts)


def _failures(runs: Iterable[Record]) -> Block:
    failed = [record for record in runs if record.failure]
    if not failed:
        return Text("Every run finished.")
    lines = tuple(
        (record.stage, record.variant, _number(record), record.rule, written(record.point) or ABSENT, record.failure)
        for record in failed
    )
    data = [
        {"stage": record.stage, "variant": record.variant, "seed": record.seed, "number": record.number,
         "rule": record.rule, "point": written(record.point) or ABSENT, "reason": record.failure, "run": record.run}
        for record in failed
    ]  # fmt: skip
    headings = ("stage", "variant", "seed", "selected by", "point", "reason")
    return Table("failures", "Runs without a result, and why.", headings, lines, data=data)


def _warnings(runs: Sequence[Record]) -> Block:
    """How many of each variant's runs carry each signature of failure, of those whose runs carry any."""
    counts = Counter((run.variant, tag) for run in runs for tag in SIGNATURES if tag in run.tags)
    totals = Counter(run.variant for run in runs)
    shown = [tag for tag in SIGNATURES if any(name == tag for _, name in counts)]
    variants = [name for name in totals if any(counts[name, tag] for tag in shown)]
    if not shown:
        return Text("No finished run shows a signature of failed training.")
    return Table(
        "warnings",
        "Finished runs that show signatures of failed training.",
        ("variant", "runs", *(SIGNATURES[tag].title for tag in shown)),
        tuple((name, str(totals[name]), *(str(counts[name, tag]) for tag in shown)) for name in variants),
        data=[{"variant": name, "runs": totals[name]} | {tag: counts[name, tag] for tag in shown} for name in variants],
        note=f"Runs of all stages are counted; {counted(len(totals) - len(variants), 'variant')} without any left out.",
    )


def _number(record: Record) -> str:
    return f"{record.seed}" if record.number is None else f"{record.seed}, trial {record.number + 1}"

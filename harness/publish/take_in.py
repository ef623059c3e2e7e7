"""Somebody's records taken into a folder of results, once they are of the same splits as what is there."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from math import isfinite
from pathlib import Path

from harness.base.errors import BadInput
from harness.base.sealed import write_whole
from harness.base.writable import written_into
from harness.publish.results_parts import RESULTS_FILE, read_parts
from harness.report.grid.arms import every_arm
from harness.study.records import Record, Records, read_records, write_records
from harness.study.study_spec import GridSpec, declared_study

SPLIT = ("hash.data", "hash.split")
Split = tuple[str, str, int]
"""A data set, how it was divided, and the seed."""


def take_in(source: Path, results: Path, name: str = "") -> str:
    """Check the records in ``source``, copy them into ``results`` and name them in its file; what is marked, if any.

    Args:
        source: a folder of exported records
        results: a folder of results
        name: of the folder that is made there; empty: that of ``source``

    Raises:
        BadInput: for records that cannot be read, are not of runs measured to their end, are of other splits than
            runs of the same data and seed that are there, or would take the place of others.
    """
    _, parts = read_parts(results)
    records, name = read_records(source), name or source.resolve().name
    if any(part.entry.folder == name for part in parts) or (results / name).exists():
        raise BadInput(f"{results} has a folder {name} already: choose another --name")
    if not isinstance(declared_study(records.declared, records.study), GridSpec):
        raise BadInput(f"{source}: the study {records.study} searches: only runs that are compared can join others")
    runs = [run for run in records.stage("compare") if run.finished]
    if not runs:
        raise BadInput(f"{source}: no run was measured on test data")
    every_arm(runs)  # refuses two runs of one seed
    _check_values(runs)
    known = [part.records for part in parts if part.records is not None]
    _check_splits(runs, [run for own in known for run in own.stage("compare") if run.finished])
    note = "; ".join(_other_budget(records, known))
    _write(records, results, name, note)
    return note


def _check_values(runs: Iterable[Record]) -> None:
    for run in runs:
        key = str(run.view.metric("ndcg"))
        if not isfinite(value := run.metrics.get(key, float("nan"))) or not 0 <= value <= 1:
            raise BadInput(f"{run.variant}, seed {run.seed}: {key} is {value}, which no run measures")
        if missing := [name for name in SPLIT if name not in run.tags]:
            raise BadInput(
                f"{run.variant}, seed {run.seed}: {missing[0]} is not on record, so its split cannot be told"
            )


def _check_splits(runs: Iterable[Record], known: Iterable[Record]) -> None:
    there = {_split(run): tuple(run.tags[name] for name in SPLIT) for run in known if run.tags.keys() >= set(SPLIT)}
    for run in runs:
        own = tuple(run.tags[name] for name in SPLIT)
        if there.get(_split(run), own) != own:
            raise BadInput(
                f"{run.variant}, seed {run.seed} on {run.view.dataset}: its split is {' '.join(own)}, that of the runs "
                f"here {' '.join(there[_split(run)])}: other data, or divided otherwise"
            )


def _split(run: Record) -> Split:
    """What decides how data are divided."""
    return run.view.dataset, str(run.spec.get("data")), run.seed


def _other_budget(records: Records, known: Sequence[Records]) -> Iterator[str]:
    """In words, where it was tuned or repeated otherwise than what is here of the same data."""
    same = [own for own in known if own.runs and own.runs[0].view.dataset == records.runs[0].view.dataset]
    for what, count in (("trials for a method at most", _trials), ("seeds", _seeds)):
        theirs, ours = count(records), {count(own) for own in same}
        if ours and theirs not in ours:
            yield f"{theirs} {what}, here {' or '.join(map(str, sorted(ours)))}"


def _trials(records: Records) -> int:
    return max(Counter(run.arm.search for run in records.stage("trial")).values(), default=0)


def _seeds(records: Records) -> int:
    return len({run.seed for run in records.stage("compare")})


def _write(records: Records, results: Path, name: str, note: str) -> None:
    write_records(records, results / name)
    file = results / RESULTS_FILE
    text = file.read_text(encoding="utf-8").rstrip("\n")
    about = f'\nnote = "{note}"' if note else ""
    with written_into(results):
        write_whole(file, f'{text}\n\n[[studies]]\nname = "{name}"{about}\n'.encode())

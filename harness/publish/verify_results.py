"""Published runs trained again: is what was published what comes out?"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite
from statistics import stdev

from harness.base.errors import BadInput
from harness.report.grid.arms import CV, MIN, NDCG
from harness.runs.carry_out import carry_out
from harness.runs.context import Context
from harness.spec.build import build_spec
from harness.study.records import Record, Records
from harness.track.memory import MemoryTracker

ARITHMETIC = ("code", "device", "threads", "platform", "cores", "version.torch", "version.numpy", "version.polars")
"""Tags of runs: where all of them agree, so does every bit of every metric."""
HASHES = ("hash.data", "hash.split", "hash.embedding")
HEADLINES = (NDCG, CV, MIN)
MEASURED = ("test/", "validation/")


@dataclass(frozen=True)
class Verified:
    """One run, published and made again.

    Attributes:
        record: as published
        exact: whether code, machine and libraries are those of the published run, so that every bit is to agree
        compared: how many metrics both have
        different: of these, published and new value by key
        noise: of the headline metrics, the standard deviation over the seeds of the run's arm
        refused: why it could not be made again; empty where it was
    """

    record: Record
    exact: bool = False
    compared: int = 0
    different: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    noise: Mapping[str, float] = field(default_factory=dict)
    refused: str = ""

    @property
    def beyond(self) -> list[str]:
        """Keys that differ by more than they may: by anything, or, on another machine, headlines by more than noise."""
        if self.exact:
            return list(self.different)
        return [key for key, (a, b) in self.different.items() if key in self.noise and abs(a - b) > self.noise[key]]

    @property
    def holds(self) -> bool:
        """Whether it comes out as published."""
        return not self.refused and bool(self.compared) and not self.beyond


def draw(records: Sequence[Records], size: int, seed: int) -> list[tuple[Records, Record]]:
    """A sample of the runs that were measured on test data, each with the study that it belongs to.

    Raises:
        BadInput: where there is none.
    """
    every = [(own, run) for own in records for run in own.stage("compare") if run.finished]
    if not every:
        raise BadInput("no run of these results was measured: there is nothing to verify")
    return random.Random(seed).sample(every, min(size, len(every)))


def verify(sample: Sequence[tuple[Records, Record]], context: Context) -> Iterator[Verified]:
    """Each run of the sample, made again in a store that is thrown away."""
    again = replace(context, tracker=MemoryTracker(), go_on=False)
    for records, record in sample:
        yield _verified(records, record, again)


def _verified(records: Records, record: Record, context: Context) -> Verified:
    tree = {**record.spec, "compute": {**record.spec.get("compute", {}), "threads": int(record.tags["threads"])}}
    try:
        result = carry_out(build_spec(tree), context)
    except BadInput as error:
        return Verified(record, refused=str(error))
    tags = context.tracker.finished(result.id).tags
    if other := [name for name in HASHES if tags.get(name) != record.tags.get(name)]:
        return Verified(record, refused=f"{', '.join(other)} differ: other data, or another encoder, than published")
    keys = [key for key in record.metrics if key.startswith(MEASURED) and isfinite(record.metrics[key])]
    shared = [key for key in keys if key in result.metrics]
    values = {key: (record.metrics[key], result.metrics[key]) for key in shared}
    return Verified(
        record,
        exact=all(tags.get(name) == record.tags.get(name) for name in ARITHMETIC),
        compared=len(shared),
        different={key: (a, b) for key, (a, b) in values.items() if a != b},
        noise=dict(_noise(records, record)),
    )


def _noise(records: Records, record: Record) -> Iterator[tuple[str, float]]:
    """Of arms with more than one seed; of the others nothing is known."""
    own = [run for run in records.stage("compare") if run.arm == record.arm and run.finished]
    for metric in HEADLINES:
        key = str(record.view.metric(metric))
        values = [run.metrics[key] for run in own if key in run.metrics]
        if len(values) > 1:
            yield key, stdev(values)

"""Published runs trained again: is what was published what comes out?"""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import isfinite, sqrt
from statistics import stdev

from harness.base.errors import BadInput, Unavailable
from harness.report.grid.arms import CV, MIN, NDCG
from harness.runs.carry_out import carry_out
from harness.runs.context import Context
from harness.spec.build import build_spec
from harness.study.records import Record, Records
from harness.track.memory import MemoryTracker

VECTORS = "hash.embedding"
"""Of the texts' vectors: the same language model rounds them differently on another processor."""
ARITHMETIC = ("code", "device", "threads", "platform", "processor", "cores", "version.torch", "version.numpy",
              "version.polars", VECTORS)  # fmt: skip
"""Tags of runs: where all of them agree, so does every bit of every metric."""
HASHES = ("hash.data", "hash.split")
HEADLINES = (NDCG, CV, MIN)
SURE = 0.95
MEASURED = ("test/", "validation/")


@dataclass(frozen=True)
class Verified:
    """One run, published and made again.

    Attributes:
        record: as published
        exact: whether code, machine and libraries are those of the published run, so that every bit is to agree
        vectors: whether the texts' vectors are those of the published run, bit by bit
        compared: how many metrics both have
        different: of these, published and new value by key
        noise: of the headline metrics, by how much two seeds of the run's arm differ at most in 19 of 20 cases
        refused: why what was made again is not what was published; empty where it can be compared
        unavailable: what making it again would need and cannot be had here; empty where it was made
    """

    record: Record
    exact: bool = False
    vectors: bool = True
    compared: int = 0
    different: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    noise: Mapping[str, float] = field(default_factory=dict)
    refused: str = ""
    unavailable: str = ""

    @property
    def beyond(self) -> list[str]:
        """Keys that differ by more than they may: by anything, or, on another machine, headlines by more than noise."""
        if self.exact:
            return list(self.different)
        return [key for key, (a, b) in self.different.items() if key in self.noise and abs(a - b) > self.noise[key]]

    @property
    def holds(self) -> bool:
        """Whether it comes out as published."""
        return self.made and not self.refused and bool(self.compared) and not self.beyond

    @property
    def made(self) -> bool:
        """Whether it was made again."""
        return not self.unavailable


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
    except Unavailable as error:
        return Verified(record, unavailable=str(error))
    tags = context.tracker.finished(result.id).tags
    if other := [name for name in HASHES if tags.get(name) != record.tags.get(name)]:
        return Verified(record, refused=f"{', '.join(other)} differ: other data than published")
    keys = [key for key in record.metrics if key.startswith(MEASURED) and isfinite(record.metrics[key])]
    shared = [key for key in keys if key in result.metrics]
    values = {key: (record.metrics[key], result.metrics[key]) for key in shared}
    return Verified(
        record,
        exact=all(tags.get(name) == record.tags.get(name) for name in ARITHMETIC),
        vectors=tags.get(VECTORS) == record.tags.get(VECTORS),
        compared=len(shared),
        different={key: (a, b) for key, (a, b) in values.items() if a != b},
        noise=dict(_noise(records, record)),
    )


def _noise(records: Records, record: Record) -> Iterator[tuple[str, float]]:
    """Of arms with more than one seed; of the others nothing is known.

    Two normal draws of the same spread differ by less than t(n − 1) · √2 · s with 95 % probability, s from n others: a
    bound from above for a run that shares split and seed with the published one, and whose roundings differ.
    """
    from scipy.stats import t as student

    own = [run for run in records.stage("compare") if run.arm == record.arm and run.finished]
    for metric in HEADLINES:
        key = str(record.view.metric(metric))
        values = [run.metrics[key] for run in own if key in run.metrics]
        if len(values) > 1:
            yield key, float(student.ppf((1 + SURE) / 2, len(values) - 1)) * sqrt(2) * stdev(values)

"""Runs as journals tell them, for whoever reads before the store has them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from harness.track.digests import UNKNOWN
from harness.track.journal.checked_lines import Entry
from harness.track.journal.journal_file import (
    ARTIFACTS,
    DISCARD,
    END,
    FILES,
    METRICS,
    OF,
    RESUME,
    START,
    TAGS,
    Journal,
)
from harness.track.protocol import RecordedRun

RUNNING = "RUNNING"


@dataclass
class View:
    """A run, or what journals add to one that the store has.

    Attributes:
        key: the id of its first journal; empty where the store began the run
        run: the store's id; empty where it has none yet
        whole: whether journals have the run from its start
        points: metric values as (name, value, step), as they were written
        files: copies by path among the run's artifacts
    """

    key: str = ""
    run: str = ""
    whole: bool = False
    experiment: str = ""
    parent: str | None = None
    status: str = ""
    tags: dict[str, str] = field(default_factory=dict)
    points: list[tuple[str, float, int]] = field(default_factory=list)
    files: dict[str, Path] = field(default_factory=dict)
    discarded: bool = False

    @property
    def id(self) -> str:
        """The store's where it has one."""
        return self.run or self.key

    @property
    def ids(self) -> set[str]:
        """All that it is known by."""
        return {self.run, self.key} - {""}

    @property
    def metrics(self) -> dict[str, float]:
        """The last value of each."""
        return {name: value for name, value, _ in self.points}

    @property
    def listed(self) -> RecordedRun:
        return RecordedRun(self.id, self.status or RUNNING, self.metrics, dict(self.tags))

    def over(self, run: RecordedRun) -> RecordedRun:
        """What the store says of the run, with what journals add."""
        if self.whole:
            return self.listed
        metrics, tags = {**run.metrics, **self.metrics}, {**run.tags, **self.tags}
        return RecordedRun(run.id, self.status or run.status, metrics, tags)

    def add(self, entry: Entry, journal: Journal) -> None:
        """Read one entry."""
        for kind, content in entry.items():
            if kind == START:
                self.whole, self.experiment, self.parent = True, content["experiment"], content["parent"]
                self.tags |= content["tags"]
            elif kind == METRICS:
                self.points += [(name, value, step) for name, value, step, _ in content]
            elif kind == TAGS:
                self.tags |= content
            elif kind == ARTIFACTS:
                copies = journal.folder / FILES / content["folder"]
                self.files |= {(Path(content["to"]) / name).as_posix(): copies / name for name in content["sums"]}
            elif kind == RESUME:
                self.status = RUNNING
                self.tags |= UNKNOWN
            elif kind == END:
                self.status = content["status"] or self.status
            elif kind == DISCARD:
                self.discarded = True


def views(journals: Iterable[Journal]) -> list[View]:
    """Every run that journals speak of, oldest first."""
    found: list[View] = []
    by_id: dict[str, View] = {}
    for journal in journals:
        entries, run = journal.entries(), journal.progress.run
        if OF in entries[0]:
            named = entries[0][OF]["run"]
            view = by_id.get(named) or View(run=run or named, experiment=entries[0][OF]["experiment"])
        else:
            view = View(key=journal.key, run=run)
        if view.id not in by_id:
            found.append(view)
        by_id |= dict.fromkeys(view.ids, view)
        for entry in entries:
            view.add(entry, journal)
    return found

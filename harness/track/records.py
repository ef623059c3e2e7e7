"""What an MLflow store has recorded of one experiment, however it is asked: the questions, in common."""

import os
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from harness.base.errors import Unavailable
from harness.track.digests import curves_are_intact
from harness.track.protocol import RecordedRun

Histories = dict[str, list[tuple[int, float]]]
"""All values of metrics by their keys, each as (step, value)."""


@dataclass(frozen=True)
class Wanted:
    """Which runs of the experiment are asked for.

    Attributes:
        tags: that they carry, all of them; as stores have them (:func:`harness.track.names.tag_texts`)
        status: that they have; None: any
        newest_first: the order, by the time of their start
        at_once: how many are likely to be taken before the one that was wanted has come; 0: all
    """

    tags: Mapping[str, str]
    status: str | None = None
    newest_first: bool = True
    at_once: int = 0


class Records(ABC):
    """Active runs of one experiment; whatever a library raises comes out as it is.

    Args:
        name: the experiment's
        where: the store, for messages
    """

    def __init__(self, name: str, where: str) -> None:
        self._name = name
        self._where = where
        self._id: str | None = None

    @property
    def experiment(self) -> str | None:
        """The experiment's id; None where it is not there yet.

        Raises:
            Unavailable: where it was deleted.
        """
        if self._id is None and (found := self._look_up()) is not None:
            self._id, stage = found
            if stage != "active":
                self._id = None
                was = f"experiment '{self._name}' was deleted in {self._where}"
                raise Unavailable(f"{was}; restore it or use --experiment NAME")
        return self._id

    @abstractmethod
    def _look_up(self) -> tuple[str, str] | None:
        """The id and the stage of life of the experiment."""

    @abstractmethod
    def search(self, wanted: Wanted) -> Iterator[RecordedRun]:
        """The runs that are asked for, read when they are taken."""

    @abstractmethod
    def called(self, text: str) -> list[str]:
        """Ids of the runs whose name ``text`` is, then of those whose id begins with it; newest first."""

    @abstractmethod
    def get(self, run_id: str) -> RecordedRun | None:
        """A run of any experiment, whatever its status; None where there is none of this id, or it was deleted."""

    @abstractmethod
    def artifacts(self, run_id: str) -> str:
        """The address of the folder of a run's files."""

    @abstractmethod
    def histories(self, run: RecordedRun, keys: Collection[str]) -> tuple[Histories, bool]:
        """All values of each metric by step, then by the time of writing.

        And whether they are intact by the run's tags, as far as can be told.
        """


def histories_of(
    rows: Sequence[tuple[str, int, float]], keys: Collection[str], tags: Mapping[str, str]
) -> tuple[Histories, bool]:
    """What :meth:`Records.histories` answers, from all values of a run: name, step, value; by step, then by time."""
    found: Histories = {key: [] for key in keys}
    for key, step, value in rows:
        if key in found:
            found[key].append((step, value))
    return found, curves_are_intact(rows, tags)


class NoRecords(Records):
    """Of a store that is not there yet."""

    def _look_up(self) -> None:
        return None

    def search(self, wanted: Wanted) -> Iterator[RecordedRun]:
        return iter(())

    def called(self, text: str) -> list[str]:
        return []

    def get(self, run_id: str) -> None:
        return None

    def artifacts(self, run_id: str) -> str:
        raise LookupError(run_id)

    def histories(self, run: RecordedRun, keys: Collection[str]) -> tuple[Histories, bool]:
        raise LookupError(run.id)


def local_folder(address: str) -> Path | None:
    """The folder of this machine that a folder of artifacts is; None where a library must fetch its files."""
    parts = urlsplit(address)
    if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
        return None
    path = unquote(parts.path)
    return Path(path[1:] if os.name == "nt" else path)  # a drive's letter comes after the slash

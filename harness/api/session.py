"""What every call of the face passes on to the engine: where runs are recorded, who watches, where files lie.

The one place that knows how the engine wants to be told.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

from harness.console.open import open_console
from harness.plugins.registry import registry
from harness.runs.observer import Observer
from harness.track import Tracker, open_tracker

WARNING = "warning: "


@dataclass(frozen=True)
class Session:
    """One call's surroundings.

    Attributes:
        tracker: the store
        observer: told of everything
        data: a folder that holds the data set's files; None: where they usually are
        offline: use no network
    """

    tracker: Tracker
    observer: Observer
    data: Path | None
    offline: bool

    @property
    def engine(self) -> dict[str, Any]:
        """The arguments by which the engine's functions take all of it."""
        return {
            "tracker": self.tracker,
            "observer": self.observer,
            "data_folder": self.data,
            "offline": self.offline,
        }


@contextmanager
def session(
    *,
    store: Tracker | str | None = None,
    data: str | PathLike[str] | None = None,
    offline: bool = False,
    verbose: bool = False,
) -> Iterator[Session]:
    """The surroundings of one call.

    Args:
        store: a tracker, or the address of one as :func:`harness.track.open_tracker` takes it
        data: a folder that holds the data set's files
        offline: use no network
        verbose: show what the command line shows; else warnings alone, as Python's own
    """
    tracker = store if isinstance(store, Tracker) else open_tracker(store)
    with open_console() if verbose else _Quiet() as observer:
        yield Session(tracker, observer, None if data is None else Path(data), offline)


def add_plugin(file: str | PathLike[str]) -> list[str]:
    """Make the plug-ins that a Python file defines known by their names, for as long as this process lives.

    Args:
        file: the path of a file with a method, a fairness definition or any other plug-in of one's own

    Returns:
        Kind and name of each.

    Raises:
        BadInput: where the file cannot be used, or a name is taken.

    >>> import harness as h
    >>> _ = open("thirds.py", "w").write('''
    ... from harness.domain.membership import Membership
    ... from harness.plugins import Grouping
    ...
    ... class Thirds(Grouping):
    ...     name = "thirds"
    ...     summary = "every third item"
    ...
    ...     def assign(self, source):
    ...         labels = [[f"third {i % 3}"] for i in range(source.items.height)]
    ...         return Membership.from_labels(self.name, "item", labels)
    ... ''')
    >>> h.add_plugin("thirds.py")
    ['grouping thirds']
    """
    return registry.add_file(Path(file))


class _Quiet(Observer):
    """Says nothing but what is wrong."""

    def say(self, line: str) -> None:
        if line.startswith(WARNING):
            warnings.warn(line.removeprefix(WARNING), stacklevel=2)

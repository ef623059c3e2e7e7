"""The context of every call of the face: where runs are recorded, who watches, where files lie."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike
from pathlib import Path

from harness.base.errors import BadInput
from harness.console.open import open_console
from harness.plugins.registry import registry
from harness.runs.context import Context
from harness.runs.observer import Observer
from harness.track import Tracker, open_tracker

WARNING = "warning: "


@contextmanager
def session(
    *,
    store: Tracker | str | None = None,
    data: str | PathLike[str] | None = None,
    offline: bool = False,
    storage: str | None = None,
    verbose: bool = False,
) -> Iterator[Context]:
    """The surroundings of one call.

    Args:
        store: a tracker, or the address of one as :func:`harness.track.open_tracker` takes it
        data: a folder that holds the data set's files
        offline: use no network
        storage: URL of Optuna's database
        verbose: show what the command line shows; else warnings alone, as Python's own
    """
    if data is not None and not isinstance(data, (str, PathLike)):
        raise BadInput(f"data: the path of a folder with files is needed, not {type(data).__name__}")
    tracker = store if isinstance(store, Tracker) else open_tracker(store)
    with open_console() if verbose else _Quiet() as observer:
        yield Context(tracker, observer, None if data is None else Path(data), offline, storage)


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

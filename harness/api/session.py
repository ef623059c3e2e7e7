"""The context of every call of the face: where runs are recorded, who watches, where files lie."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from os import PathLike

from harness.api.asked import path_of, text_of
from harness.base.printable import printable
from harness.console.open import open_console
from harness.plugins.blame import blamed
from harness.plugins.registry import registry
from harness.runs.context import Context
from harness.runs.observer import Observer
from harness.track import NotRecorded, Tracker, open_tracker

WARNING = "warning: "


@contextmanager
def session(
    *,
    store: Tracker | str | None = None,
    data: str | PathLike[str] | None = None,
    offline: bool = False,
    storage: str | None = None,
    keep_models: bool = True,
    verbose: bool = False,
) -> Iterator[Context]:
    """The surroundings of one call.

    Args:
        store: a tracker, or the address of one as :func:`harness.track.open_tracker` takes it
        data: a folder that holds the data set's files
        offline: use no network
        storage: URL of Optuna's database
        keep_models: whether runs keep what they have learnt
        verbose: show what the command line shows; else warnings alone, as Python's own
    """
    folder = None if data is None else path_of(data, "data")
    tracker = store if isinstance(store, Tracker) else opened(store)
    context = Context(tracker, data_folder=folder, offline=offline, storage=storage, keep_models=keep_models)
    with blamed(), open_console() if verbose else _Quiet() as observer, _settled(tracker):
        yield context.watched_by(observer)


def opened(tracking_uri: str | None) -> Tracker:
    """The store at an address, as :func:`harness.track.open_tracker` takes it."""
    return open_tracker(None if tracking_uri is None else text_of(tracking_uri, "tracking_uri"))


@contextmanager
def _settled(tracker: Tracker) -> Iterator[None]:
    """What cannot be recorded yet is a warning: it is kept, and its results are there to be used."""
    try:
        with tracker:
            yield
    except NotRecorded as error:
        warnings.warn(str(error), stacklevel=2)


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
    ... from harness.plugins import Grouping, Membership
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
    return registry.add_file(path_of(file, "add_plugin"))


class _Quiet(Observer):
    """Says nothing but what is wrong."""

    def say(self, line: str) -> None:
        if line.startswith(WARNING):
            warnings.warn(printable(line.removeprefix(WARNING)), stacklevel=2)

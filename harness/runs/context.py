"""What is not the meaning of a run: where it is recorded, who watches, where files lie, whether to use the network."""

from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.base import paths
from harness.base.errors import BadInput
from harness.plugins.registry import registry
from harness.runs.observer import Observer
from harness.track import Tracker, open_tracker
from harness.track.database import masked
from harness.track.null import NullTracker

CHECKPOINT_SECONDS = 5.0


@dataclass(frozen=True)
class Context:
    """The surroundings of runs, in one object that every part of the engine hands on whole.

    The home folder and the plug-in files are the process's own; :attr:`address` takes them along to other processes.

    Attributes:
        tracker: where runs are recorded; nowhere by default
        observer: told of everything; silent by default
        data_folder: a folder that holds the data set's files; None: where they usually are
        offline: use no network
        storage: URL of Optuna's database; None: SQLite in the home folder
        checkpoint_every: seconds of training between two checkpoints at least; 0: none is written
        go_on: whether an interrupted training goes on from its checkpoint, instead of beginning anew
        keep_models: whether runs that are measured on test data keep their fitted models
    """

    tracker: Tracker = field(default_factory=NullTracker)
    observer: Observer = field(default_factory=Observer)
    data_folder: Path | None = None
    offline: bool = False
    storage: str | None = None
    checkpoint_every: float = CHECKPOINT_SECONDS
    go_on: bool = True
    keep_models: bool = True

    def watched_by(self, observer: Observer) -> "Context":
        """The same with another observer, which also hears what befalls the tracker's store."""
        self.tracker.heard_by(observer.say)
        return replace(self, observer=observer)

    @property
    def address(self) -> "Address":
        """What another process opens the same by.

        Raises:
            BadInput: for a tracker that other processes cannot record to.
        """
        if self.tracker.address is None:
            place = self.tracker.location
            raise BadInput(f"isolated runs need a store that other processes can write to, not one in {place}")
        folder = None if self.data_folder is None else str(self.data_folder)
        plugins = tuple(str(file) for file in registry.files)
        return Address(
            self.tracker.address,
            str(paths.home()),
            plugins,
            folder,
            self.offline,
            self.checkpoint_every,
            self.go_on,
            self.keep_models,
        )


@dataclass(frozen=True)
class Address:
    """A context for another process; can be written as JSON.

    Attributes:
        store: address and experiment of the tracker
        home: the folder for data, caches and stores; None: the process's own
        plugins: files of plug-ins
        data_folder, offline, checkpoint_every, go_on, keep_models: as in the context
    """

    store: tuple[str, str]
    home: str | None
    plugins: tuple[str, ...]
    data_folder: str | None
    offline: bool
    checkpoint_every: float = CHECKPOINT_SECONDS
    go_on: bool = True
    keep_models: bool = True

    @property
    def has_server(self) -> bool:
        """Whether a tracking server records runs and takes their files."""
        return self.store[0].startswith(("http://", "https://"))

    @property
    def elsewhere(self) -> "Address":
        """The same for a process of a machine that has no file of this one's.

        Raises:
            BadInput: where runs are recorded in a file.
        """
        if not self.has_server:
            raise BadInput(
                f"tracking store {masked(self.store[0])}: files of runs would stay on the workers' machines: workers "
                "need a server (mlflow server --serve-artifacts), named by --tracking-uri http://HOST:5000"
            )
        return replace(self, home=None, plugins=())

    def open(self) -> Context:
        """The context, in this process."""
        if self.home is not None:
            paths.choose_home(Path(self.home))
        for file in self.plugins:
            registry.add_file(Path(file))
        uri, experiment = self.store
        folder = None if self.data_folder is None else Path(self.data_folder)
        return Context(
            open_tracker(uri, experiment or None),
            data_folder=folder,
            offline=self.offline,
            checkpoint_every=self.checkpoint_every,
            go_on=self.go_on,
            keep_models=self.keep_models,
        )

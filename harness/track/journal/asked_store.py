"""The store behind journals: asked where they have no answer, and not waited for while it is away."""

from collections.abc import Callable
from typing import TypeVar

from harness.base.errors import BadInput, HarnessError, Unavailable
from harness.track.journal.journal_file import LOCAL
from harness.track.journal.journal_folder import JournalFolder
from harness.track.journal.journal_view import View
from harness.track.journal.replay import KEY_TAG, Replay
from harness.track.journal.sender import Sender
from harness.track.mlflow_tracker import MlflowTracker
from harness.track.uri import StoreUri

Answer = TypeVar("Answer")
Opener = Callable[[StoreUri, str], MlflowTracker]
"""Opens a store, by its address and an experiment's name."""
REFUSALS = ("authentication failed", "permission denied", "does not exist", "of something else", "401", "403")
"""What is said by a store that is there and wants nothing of this user: to wait for it is in vain."""


class AskedStore:
    """A store, the journals that are on their way to it, and the ids by which it knows runs.

    Attributes:
        recording: whether this process has begun something; it then goes on without answers

    Raises:
        Unavailable: where the store does not answer and no other process is recording to it.
    """

    def __init__(self, uri: StoreUri, experiment: str, opener: Opener) -> None:
        self.uri = uri
        self.folder = JournalFolder(uri)
        self.recording = False
        self._experiment = experiment
        self._opener = opener
        self._opened: dict[str, MlflowTracker] = {}
        self.sender = Sender(Replay(self.folder, self.opened), f"tracking store {uri}", self._probe)
        try:
            self.opened(experiment)
        except Unavailable as error:
            if _refuses(error) or not self.folder.others_at_work():
                raise
            self.sender.note(error)

    def opened(self, experiment: str) -> MlflowTracker:
        """The store's tracker for an experiment."""
        if experiment not in self._opened:
            opened = self._opener(self.uri, experiment)
            opened.heard_by(lambda line: self.sender.say(line))
            opened.make_ready()  # sending has a time limit, and is not to spend it on that
            self._opened[experiment] = opened
        return self._opened[experiment]

    def ask(self, question: Callable[[MlflowTracker], Answer], otherwise: Answer) -> Answer:
        """The store's answer; ``otherwise`` where it gives none while runs are being recorded."""
        going_on = self.recording or self.folder.others_at_work()
        if going_on and self.sender.down:
            return otherwise
        try:
            return self.must(question)
        except BadInput:
            raise
        except HarnessError as error:
            if not going_on:
                raise
            self.sender.note(error)
            return otherwise

    def must(self, question: Callable[[MlflowTracker], Answer]) -> Answer:
        """The store's answer.

        Raises:
            HarnessError: where it gives none.
        """
        return question(self.opened(self._experiment))

    def view(self, run_id: str) -> View | None:
        """What journals know of a run.

        Raises:
            BadInput: where it was removed.
        """
        view = next((view for view in self.folder.views() if run_id in view.ids), None)
        if view is not None and view.discarded:
            raise self._none(run_id)
        return view

    def ids(self, run_id: str) -> set[str]:
        """All ids of a run."""
        view = self.view(run_id)
        return {run_id} if view is None else view.ids

    def id_of(self, run_id: str) -> str | None:
        """What the store calls a run; None where it does not have it."""
        if not run_id.startswith(LOCAL):
            return run_id
        view = self.view(run_id)
        if view is not None:
            return view.run or None
        nothing: str | None = None
        return self.ask(lambda store: next((run.id for run in store.with_tags({KEY_TAG: run_id})), None), nothing)

    def required_id(self, run_id: str) -> str:
        """:meth:`id_of`; BadInput where there is none."""
        stored = self.id_of(run_id)
        if stored is None:
            raise self._none(run_id)
        return stored

    def _none(self, run_id: str) -> BadInput:
        return BadInput(f"no run {run_id} in {self.uri}: 'harness ui' shows those there are")

    def _probe(self) -> object:
        return self.must(lambda store: store.with_tags({KEY_TAG: "none"}))


def _refuses(error: Unavailable) -> bool:
    return any(words in str(error) for words in REFUSALS)

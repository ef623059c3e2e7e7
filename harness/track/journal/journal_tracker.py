"""A tracker that writes to journals and reads from them first, and from the store what they do not have."""

import time
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from harness.base import interrupts
from harness.base.errors import BadInput, HarnessError
from harness.base.messages import Say
from harness.base.process import this_process
from harness.track.journal.asked_store import AskedStore, Opener
from harness.track.journal.journal_file import DISCARD, OF, RESUME, START, Journal
from harness.track.journal.journal_view import RUNNING, View
from harness.track.journal.journaled_run import JournaledRun
from harness.track.journal.settlement import Patience, settle
from harness.track.mlflow_tracker import EXPERIMENT, MlflowTracker
from harness.track.names import clean_name, param_texts, tag_texts
from harness.track.protocol import RecordedRun, TrackedRun, Tracker
from harness.track.uri import StoreUri

START_SECONDS = 5.0
"""How long the beginning of a run waits for the store's id; it has one of its own afterwards."""
SYNC_SECONDS = 3600.0


class JournalTracker(Tracker):
    """Runs in one experiment of an MLflow store that is reached over a network.

    The store answers before the constructor returns, unless another process is recording to it at the moment: a study's
    workers begin while it is away.

    Args:
        uri: the store
        experiment: its name
        patience: how long the end waits
        opener: opens the store

    Raises:
        Unavailable: where it does not answer.
    """

    def __init__(
        self,
        uri: StoreUri,
        experiment: str = EXPERIMENT,
        patience: Patience | None = None,
        opener: Opener = MlflowTracker,
    ) -> None:
        self.location = str(uri)
        self.address = (uri.text, experiment)
        self._experiment = experiment
        self._patience = patience or Patience()
        self._seen: dict[str, RecordedRun] = {}
        self._store = AskedStore(uri, experiment, opener)
        self._folder, self._sender = self._store.folder, self._store.sender

    def start(
        self, name: str, params: Mapping[str, Any], tags: Mapping[str, str], parent: str | None = None
    ) -> TrackedRun:
        texts, cut = param_texts(params)
        start = {
            "name": name,
            "params": texts,
            "tags": tag_texts({**this_process(), **tags, **cut}),
            "parent": parent,
            "experiment": self._experiment,
            "at": time.time_ns() // 1_000_000,
        }
        with interrupts.deferred():
            journal = self._begin({START: start})
        try:
            self._sender.wait_for(lambda: journal.progress.run != "", START_SECONDS)
        except KeyboardInterrupt:
            JournaledRun(journal.key, journal, self._sender).end("KILLED")
            raise
        return JournaledRun(journal.progress.run or journal.key, journal, self._sender, begun=True)

    def find_finished(self, tags: Mapping[str, str]) -> RecordedRun | None:
        for view in reversed(self._carrying(tags)):
            if view.whole and view.status == "FINISHED":
                return view.listed
        found = self._store.ask(lambda store: store.find_finished(tags), None)
        if found is not None and self._removed(found.id):
            found = next(iter(self.all_finished(tags)), None)
        return self._remembered(found)

    def all_finished(self, tags: Mapping[str, str]) -> list[RecordedRun]:
        own = [view for view in reversed(self._carrying(tags)) if view.whole and view.status == "FINISHED"]
        known = {run_id for view in self._folder.views() if view.whole or view.discarded for run_id in view.ids}
        stored = self._store.ask(lambda store: store.all_finished(tags), list[RecordedRun]())
        return [view.listed for view in own] + [run for run in stored if run.id not in known]

    def find(self, tags: Mapping[str, str]) -> RecordedRun | None:
        for view in reversed(self._carrying(tags)):
            if view.whole:
                return view.listed
        found = self._store.ask(lambda store: store.find(tags), None)
        return next(iter(self._with_journals([] if found is None else [found])), None)

    def children(self, parent: str) -> list[RecordedRun]:
        family, stored_parent = self._store.ids(parent), self._store.id_of(parent)
        nothing: list[RecordedRun] = []
        stored = nothing
        if stored_parent is not None:
            stored = self._store.ask(lambda store: store.children(stored_parent), nothing)
        listed = {run.id for run in stored}
        own = [view for view in self._visible() if view.whole and view.parent in family and view.id not in listed]
        return self._with_journals(stored) + [view.listed for view in own]

    def called(self, text: str) -> list[str]:
        stored = self._store.ask(lambda store: store.called(text), list[str]())
        own = [view for view in self._visible() if view.whole and not view.ids & {*stored}]
        return [view.id for view in own if text and any(run_id.startswith(text) for run_id in view.ids)] + stored

    def unended(self, tags: Mapping[str, str]) -> list[RecordedRun]:
        own = [view for view in self._carrying(tags) if view.whole]
        told = {run_id for view in own for run_id in view.ids}  # before the store is asked: it may be sent meanwhile
        stored = self._store.ask(lambda store: store.unended(tags), list[RecordedRun]())
        found = [view.listed for view in own]
        found += [run for run in self._with_journals(stored) if run.id not in told]
        return [run for run in found if run.status == RUNNING]

    def finished(self, run_id: str) -> RecordedRun:
        view = self._store.view(run_id)
        if view is not None and view.whole:
            if view.status != "FINISHED":
                raise BadInput(f"run {run_id} has not finished: its status is {view.listed.status}")
            return view.listed
        if run_id in self._seen:
            return self._seen[run_id]
        stored = self._store.required_id(run_id)
        found = self._remembered(self._store.must(lambda store: store.finished(stored)))
        assert found is not None
        return found

    def resume(self, run_id: str) -> TrackedRun | None:
        self._sender.adopt()  # what a dead process has recorded of it comes first
        try:
            view = self._store.view(run_id)
        except BadInput:
            return None
        if view is None or not view.whole:
            stored = self._store.id_of(run_id)
            if stored is None or self._store.ask(lambda store: store.resume(stored), None) is None:
                return None
        journal = self._go_on(run_id)
        journal.append(RESUME, True)
        return JournaledRun(run_id, journal, self._sender)

    def artifact(self, run_id: str, path: str) -> bytes:
        view = self._store.view(run_id)
        if view is not None and (copy := view.files.get(path)) is not None and copy.is_file():
            return copy.read_bytes()
        if view is not None and not view.run:
            raise HarnessError(f"run {run_id} has no file {path}")
        stored = self._store.required_id(run_id)
        return self._store.must(lambda store: store.artifact(stored, path))

    def add_artifacts(self, run_id: str, folder: Path, to: str = "") -> None:
        if self._store.view(run_id) is None:
            stored = self._store.required_id(run_id)
            self._store.must(lambda store: store.add_artifacts(stored, folder, to))
            return
        journal = self._go_on(run_id)
        run = JournaledRun(run_id, journal, self._sender)
        run.log_artifacts(folder, to)
        run.close(None)

    def register(self, run_id: str, folder: str, name: str) -> str:
        stored = self._store.required_id(run_id)
        return self._store.must(lambda store: store.register(stored, folder, name))

    def histories(self, run_id: str, keys: Collection[str]) -> dict[str, list[tuple[int, float]]]:
        view = self._store.view(run_id)
        if view is not None and view.whole:
            names = {clean_name(key): key for key in keys}
            found: dict[str, list[tuple[int, float]]] = {key: [] for key in keys}
            for name, value, step in view.points:
                if name in names:
                    found[names[name]].append((step, value))
            return {key: sorted(points, key=lambda point: point[0]) for key, points in found.items()}
        stored = self._store.required_id(run_id)
        return self._store.must(lambda store: store.histories(stored, keys))

    def discard(self, run_id: str) -> None:
        try:
            known = self._store.view(run_id) is not None
        except BadInput:  # it has been removed before
            return
        if not known:
            stored = self._store.id_of(run_id)
            if stored is not None:
                self._store.must(lambda store: store.discard(stored))
            return
        self._sender.adopt()
        self._go_on(run_id).append(DISCARD, True)
        self._sender.hurry()

    def heard_by(self, say: Say) -> None:
        self._sender.say = say
        if self._sender.down:
            self._sender.say_down()

    def tell(self, line: str) -> None:
        self._sender.say(line)

    def settle(self, interrupted: bool = False) -> None:
        patience = self._patience
        settle(self._store, patience.moving, patience.interrupted if interrupted else patience.still)

    def sync(self) -> int:
        """Send everything, that of dead processes and what was refused before included; the number of journals.

        Raises:
            NotRecorded: where the store does not take it within bounds that are said.
        """
        return settle(self._store, SYNC_SECONDS, self._patience.still, refused=True)

    @property
    def elsewhere(self) -> int:
        """Journals that other processes are writing or sending."""
        return sum(not journal.owned for journal in self._folder.waiting())

    @property
    def folder(self) -> Path:
        """Where the journals are."""
        return self._folder.place

    def _begin(self, first: dict[str, Any]) -> Journal:
        self._store.recording = True
        journal = self._folder.begin(first)
        self._sender.add(journal)
        return journal

    def _go_on(self, run_id: str) -> Journal:
        return self._begin({OF: {"run": run_id, "experiment": self._experiment}})

    def _visible(self) -> list[View]:
        return [view for view in self._folder.views() if not view.discarded and self._of_experiment(view)]

    def _of_experiment(self, view: View) -> bool:
        return view.experiment == self._experiment

    def _carrying(self, tags: Mapping[str, str]) -> list[View]:
        wanted = tag_texts(tags).items()
        return [view for view in self._visible() if wanted <= view.tags.items()]

    def _removed(self, run_id: str) -> bool:
        """Whether the store has a run only because its removal has not been sent."""
        return any(view.discarded and run_id in view.ids for view in self._folder.views())

    def _with_journals(self, stored: list[RecordedRun]) -> list[RecordedRun]:
        """Runs of the store as they will be once journals have been sent."""
        by_id = {view.run: view for view in self._folder.views() if view.run}
        seen = [(run, by_id.get(run.id)) for run in stored]
        return [run if view is None else view.over(run) for run, view in seen if view is None or not view.discarded]

    def _remembered(self, found: RecordedRun | None) -> RecordedRun | None:
        """A study looks again at what it has found, perhaps when the store is away."""
        if found is not None:
            self._seen[found.id] = found
        return found

"""Send a journal's entries to the store, in order; however often it is begun anew, each of them counts once.

Everything but the beginning of a run can be written twice and is there once: values with the same time and step,
parameters, tags, files, the end with its time. A run is begun with the journal's key among its tags, by which it is
found where the store began it and the answer was lost.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from harness.base.errors import HarnessError
from harness.track.buffer import Point
from harness.track.client_records import NO_SUCH_RUN
from harness.track.journal.checked_lines import Entry
from harness.track.journal.journal_file import (
    ARTIFACTS,
    DATASET,
    DISCARD,
    END,
    FILES,
    LOCAL,
    METRICS,
    OF,
    RESUME,
    START,
    TAGS,
    Journal,
    closed,
    sum_of,
)
from harness.track.journal.journal_folder import JournalFolder
from harness.track.mlflow_run import MAX_METRICS, MlflowRun
from harness.track.mlflow_tracker import MlflowTracker

KEY_TAG = "journal"
"""Of a run that was begun from a journal: the journal's key."""
OF_A_GATE = "API request to "
"""How MLflow's client begins where an answer is none of MLflow's server, but of something between."""
Stores = Callable[[str], MlflowTracker]
"""The store, by the name of an experiment."""


class NotYet(HarnessError):
    """What a journal goes on with is still to be sent, perhaps by another process."""


class Refused(HarnessError):
    """The store will never take the rest of a journal."""


@dataclass(frozen=True)
class Replay:
    """Sends the journals of a folder.

    Attributes:
        folder: with all journals of the store
        stores: opens it
    """

    folder: JournalFolder
    stores: Stores

    def send(self, journal: Journal, sent: Callable[[], None]) -> None:
        """Send what the store does not have.

        Args:
            sent: called after each request that the store has answered

        Raises:
            NotYet, Refused: where that cannot be.
            HarnessError: where the store does not take it now.
        """
        entries = journal.entries()
        try:
            for position, group in _grouped(entries, journal.progress.sent):
                self._write(journal, group)
                journal.keep(sent=position)
                sent()
        except NotYet:
            raise
        except Exception as error:
            reason = str(error) if isinstance(error, Refused) else _for_good(error)
            if not reason:
                raise
            if not self._is_unwanted(journal):
                raise Refused(reason) from error
            journal.keep(sent=len(entries))
        if closed(entries):  # and not the journal: more may have been written meanwhile
            self._remove_second_beginnings(journal)
            journal.finish()

    def _is_unwanted(self, journal: Journal) -> bool:
        """Whether whoever goes on with a study has discarded the run, which was cut off, from another machine say."""
        first = journal.entries()[0]
        return self.stores((first.get(START) or first[OF])["experiment"]).has_discarded(journal.progress.run)

    def id_of(self, named: str, experiment: str) -> str | None:
        """The store's id of a run; None where it has not begun it yet."""
        if not named.startswith(LOCAL):
            return named
        for journal in self.folder.journals():
            if journal.key == named:
                return journal.progress.run or None
        found = self.stores(experiment).with_tags({KEY_TAG: named})
        return found[0].id if found else None

    def _write(self, journal: Journal, group: list[Entry]) -> None:
        (kind, content), *_ = group[0].items()
        if kind == START:
            self._begin(journal, content)
            return
        if kind == OF:
            journal.keep(run=self._begun_before(journal, content))
            return
        first = journal.entries()[0]
        experiment = (first.get(START) or first[OF])["experiment"]
        store = self.stores(experiment)
        run = store.unchecked(journal.progress.run)
        if kind == METRICS:
            points = [Point(name, value, step, at) for entry in group for name, value, step, at in entry[METRICS]]
            for start in range(0, len(points), MAX_METRICS):
                run.write(points[start : start + MAX_METRICS])
        elif kind == TAGS:
            run.set_tags(content)
        elif kind == DATASET:
            run.log_dataset(**content)
        elif kind == ARTIFACTS:
            _send_files(journal, run, content)
        elif kind == RESUME:
            if store.resume(run.id) is None:
                raise Refused(f"run {run.id} has been removed from the store")
        elif kind == DISCARD:
            store.discard(run.id)
        elif kind == END and content["status"]:
            run.terminate(content["status"], content["at"])

    def _begin(self, journal: Journal, start: Entry) -> None:
        store, progress = self.stores(start["experiment"]), journal.progress
        if not progress.run:
            parent = None if start["parent"] is None else self.id_of(start["parent"], start["experiment"])
            if parent is None and start["parent"] is not None:
                raise NotYet(f"the run {start['parent']}, to which it belongs, has not been begun")
            key = {KEY_TAG: journal.key}
            found = store.with_tags(key) if progress.tries else []
            journal.keep(tries=progress.tries + 1)
            run_id = found[0].id if found else store.create(start["name"], parent, key, start["at"]).id
            progress = journal.keep(run=run_id)
        run = store.unchecked(progress.run)
        run.log_params(start["params"])
        run.set_tags(start["tags"])

    def _begun_before(self, journal: Journal, of: Entry) -> str:
        """The run that a journal goes on with, of which every earlier journal has been sent."""
        for other in self.folder.waiting():
            if other.folder.name >= journal.folder.name:
                break
            first = other.entries()[0]
            if of["run"] in {other.key, other.progress.run, first.get(OF, {}).get("run")}:
                raise NotYet(f"what was recorded of run {of['run']} before has not been sent")
        run = self.id_of(of["run"], of["experiment"])
        if run is None:
            raise NotYet(f"run {of['run']} has not been begun")
        return run

    def _remove_second_beginnings(self, journal: Journal) -> None:
        """A request that the store answered too late may have begun the run once more; there is nothing in that one."""
        progress, first = journal.progress, journal.entries()[0]
        if progress.tries > 1:
            store = self.stores(first[START]["experiment"])
            for found in store.with_tags({KEY_TAG: journal.key}):
                if found.id != progress.run:
                    store.discard(found.id)


def _grouped(entries: list[Entry], start: int) -> Iterator[tuple[int, list[Entry]]]:
    """Entries that are sent at once, metrics together, each group with the number of lines that are sent after it."""
    group: list[Entry] = []
    for position, entry in enumerate(entries[start:], start):
        full = sum(len(earlier[METRICS]) for earlier in group) >= MAX_METRICS if group else False
        if group and (METRICS not in entry or full):
            yield position, group
            group = []
        if METRICS in entry:
            group.append(entry)
        else:
            yield position + 1, [entry]
    if group:
        yield len(entries), group


def _send_files(journal: Journal, run: MlflowRun, content: Entry) -> None:
    copies = journal.folder / FILES / content["folder"]
    for name, expected in content["sums"].items():
        if not (copies / name).is_file() or sum_of(copies / name) != expected:
            raise Refused(f"{copies / name} is not what was kept")
    run.log_artifacts(copies, content["to"])


def _for_good(error: BaseException | None) -> str:
    """In words, why no further try will help; empty where it may: a gate's 404 is not the store's."""
    from mlflow.exceptions import MlflowException

    while error is not None:
        known = isinstance(error, MlflowException) and error.error_code in NO_SUCH_RUN
        if known and not str(error).startswith(OF_A_GATE):
            return str(error)[:300]
        error = error.__cause__
    return ""

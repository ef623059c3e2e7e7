"""Runs in an MLflow store, begun and found again."""

import getpass
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any

from harness.base import interrupts
from harness.base.errors import BadInput, HarnessError, Unavailable, one_line
from harness.base.messages import Say, silent
from harness.base.process import this_process
from harness.track.client_records import NO_SUCH_RUN, ClientRecords, any_stage, downloaded
from harness.track.digests import METRICS_TAG, UNKNOWN
from harness.track.file_records import FileRecords, is_readable
from harness.track.lost_races import patiently
from harness.track.mlflow_pages import keep_view, page_of_runs
from harness.track.mlflow_registry import registered
from harness.track.mlflow_run import MlflowRun
from harness.track.mlflow_store import open_client, reported_as_unavailable
from harness.track.names import clean_name, param_texts, tag_texts
from harness.track.protocol import RecordedRun, Tracker
from harness.track.records import NoRecords, Records, Wanted, local_folder
from harness.track.spec_index import SPEC_TAG
from harness.track.sqlite_file import check_new, check_sqlite
from harness.track.unbroken_client import UnbrokenClient
from harness.track.uri import StoreUri

EXPERIMENT = "bifair-harness"
UNENDED = "RUNNING"
PARENT_TAG = "mlflow.parentRunId"
DISCARDED_TAG = "discarded"
"""Of a run that was removed because it was cut off and has been begun anew."""
FEW_RUNS = 10
"""How many are asked for at once where the first is most often the one that is wanted."""


class MlflowTracker(Tracker):
    """Runs in one experiment of an MLflow store. The store answers before the constructor returns.

    A database file and an experiment that are not there yet are made when the first run begins: what is refused before
    leaves nothing.

    Args:
        uri: the store
        experiment: its name

    Raises:
        Unavailable: where it does not.
    """

    def __init__(self, uri: StoreUri, experiment: str = EXPERIMENT) -> None:
        self.location = str(uri)
        self.uri = uri
        self.address = (uri.text, experiment)
        self._name = experiment
        self._found: Records | None = None
        self._say: Say = silent
        self._damaged: set[str] = set()
        with reported_as_unavailable(uri):
            if uri.file is not None and self._is_new:
                check_new(uri.file, uri.artifacts)
            _ = self._records.experiment  # it answers

    @property
    def _is_new(self) -> bool:
        """Whether there is no store yet, and so no run."""
        if self.uri.file is None or self._found is not None or "_client" in self.__dict__:
            return False
        return not self.uri.file.exists()

    @cached_property
    def _client(self) -> UnbrokenClient:
        return open_client(self.uri)

    @property
    def _records(self) -> Records:
        if self._is_new:
            return NoRecords(self._name, self.location)
        if self._found is None:
            self._found = self._opened()
        return self._found

    def _opened(self) -> Records:
        if (file := self.uri.file) is not None:
            if "_client" not in self.__dict__:
                check_sqlite(file, self.uri.artifacts)
            if is_readable(file):
                return FileRecords(file, self._name, self.location)
        return ClientRecords(self._client, self._name, self.location)

    def make_ready(self) -> None:
        if not self._is_new:
            with reported_as_unavailable(self.uri):
                _ = self._client  # opened now

    def start(
        self, name: str, params: Mapping[str, Any], tags: Mapping[str, str], parent: str | None = None
    ) -> MlflowRun:
        texts, cut = param_texts(params)
        run = None
        try:
            with interrupts.deferred():
                run = self.create(name, parent, this_process())
                run.log_params(texts)
                run.set_tags({**tags, **cut})
        except BaseException as error:
            if run is not None:
                with suppress(HarnessError):  # what went wrong first is what is told
                    run.end("KILLED" if isinstance(error, KeyboardInterrupt) else "FAILED")
            raise
        return run

    def create(
        self, name: str, parent: str | None = None, tags: Mapping[str, str] | None = None, began: int | None = None
    ) -> MlflowRun:
        """A run with nothing in it but ``tags``; the time of its start in milliseconds, None: now."""
        system = {"mlflow.user": _user(), "mlflow.source.type": "LOCAL", "mlflow.source.name": "harness"}
        if parent is not None:
            system[PARENT_TAG] = parent
        own = system | tag_texts(tags or {})
        with reported_as_unavailable(self.uri):
            created = patiently(self._client.create_run, self._experiment(), began, own, name)
        return MlflowRun(self._client, self.uri, created.info.run_id, begun=True)

    def unchecked(self, run_id: str) -> MlflowRun:
        """Writes to a run; whether it is there shows when something is written."""
        return MlflowRun(self._client, self.uri, run_id)

    def with_tags(self, tags: Mapping[str, str]) -> list[RecordedRun]:
        """Every run that carries all of ``tags``, whatever its status, oldest first."""
        return self._all(tags)

    def find_finished(self, tags: Mapping[str, str]) -> RecordedRun | None:
        return next(self._finished(tags, FEW_RUNS), None)

    def all_finished(self, tags: Mapping[str, str]) -> list[RecordedRun]:
        return list(self._finished(tags, 0))

    def find(self, tags: Mapping[str, str]) -> RecordedRun | None:
        return next(self._search(Wanted(tag_texts(tags), at_once=1)), None)

    def children(self, parent: str) -> list[RecordedRun]:
        return self._all({PARENT_TAG: parent})

    def called(self, text: str) -> list[str]:
        with reported_as_unavailable(self.uri):
            return self._records.called(text) if text else []

    def unended(self, tags: Mapping[str, str]) -> list[RecordedRun]:
        return self._all(tags, UNENDED)

    def finished(self, run_id: str) -> RecordedRun:
        run = self._require(run_id)
        if run.status != "FINISHED":
            raise BadInput(f"run {run_id} has not finished: its status is {run.status}")
        if not run.intact:
            raise Unavailable(self._damage(run, "metrics"))
        return run

    def resume(self, run_id: str) -> MlflowRun | None:
        with reported_as_unavailable(self.uri):
            before = self._records.get(run_id)
            if before is None:
                return None
            patiently(self._client.update_run, run_id, status="RUNNING")
        run = self.unchecked(run_id)
        if METRICS_TAG in before.tags:
            run.set_tags(UNKNOWN)
        return run

    def artifact(self, run_id: str, path: str) -> bytes:
        self._require(run_id)
        with reported_as_unavailable(self.uri):
            folder = local_folder(self._records.artifacts(run_id))
        try:
            return downloaded(self._client, run_id, path) if folder is None else (folder / path).read_bytes()
        except HarnessError:
            raise
        except Exception as error:  # MLflow lets other libraries' errors out
            reason = self.uri.hide(one_line(error))[:200]
            raise HarnessError(f"run {run_id} in {self.uri} has no file {path}: {reason}") from error

    def add_artifacts(self, run_id: str, folder: Path, to: str = "") -> None:
        self._require(run_id)
        self.unchecked(run_id).log_artifacts(folder, to)

    def register(self, run_id: str, folder: str, name: str) -> str:
        self._require(run_id)
        with reported_as_unavailable(self.uri):
            return registered(self._client, run_id, folder, name)

    def page_of_runs(self, metrics: Sequence[str]) -> str:
        """What follows a server's address where MLflow shows these runs, ``metrics`` in columns, sorted by the first.

        It is empty where the experiment is not there yet.
        """
        with reported_as_unavailable(self.uri):
            if (experiment := self._records.experiment) is None:
                return ""
            if metrics:
                patiently(keep_view, self._client, experiment, metrics)
        return page_of_runs(experiment, view=bool(metrics))

    def histories(self, run_id: str, keys: Collection[str]) -> dict[str, list[tuple[int, float]]]:
        run = self._require(run_id)
        with reported_as_unavailable(self.uri):
            found, intact = self._records.histories(run, {clean_name(key) for key in keys})
        if run.status == "FINISHED" and not intact:
            raise Unavailable(self._damage(run, "curves"))
        return {key: found[clean_name(key)] for key in keys}

    def discard(self, run_id: str) -> None:
        from mlflow.exceptions import MlflowException

        with reported_as_unavailable(self.uri):
            try:
                patiently(self._client.set_tag, run_id, DISCARDED_TAG, "interrupted")
                patiently(self._client.delete_run, run_id)
            except MlflowException as error:
                if error.error_code not in NO_SUCH_RUN:
                    raise

    def has_discarded(self, run_id: str) -> bool:
        """Whether a run has been removed by :meth:`discard`, of whichever process, and not by its user."""
        with reported_as_unavailable(self.uri):
            run = any_stage(self._client, run_id)
        return run is not None and run.info.lifecycle_stage != "active" and DISCARDED_TAG in run.data.tags

    def heard_by(self, say: Say) -> None:
        self._say = say

    def _is_intact(self, run: RecordedRun) -> bool:
        """Whether a finished run is what was recorded; of one that is not, it is said once that it does not count."""
        if not run.intact and run.id not in self._damaged:
            self._damaged.add(run.id)
            self._say(f"warning: {self._damage(run, 'metrics')}; it counts as none")
        return run.intact

    def _damage(self, run: RecordedRun, what: str) -> str:
        where = f"run {run.id} in {self.uri}"
        return f"{where} is damaged: its {what} are not those that were recorded; put a copy of the database back"

    def _finished(self, tags: Mapping[str, str], at_once: int) -> Iterator[RecordedRun]:
        """Finished runs that carry all of ``tags`` and are intact, newest first.

        Where one of the tags is a spec's digest, the store is asked for that alone: few runs have it, an index leads to
        them, and planning a join for every other tag takes PostgreSQL longer than everything else.
        """
        wanted = tag_texts(tags)
        asked = {SPEC_TAG: wanted[SPEC_TAG]} if SPEC_TAG in wanted else wanted
        for run in self._search(Wanted(asked, "FINISHED", at_once=at_once)):
            if wanted.items() <= run.tags.items() and self._is_intact(run):
                yield run

    def _all(self, tags: Mapping[str, str], status: str | None = None) -> list[RecordedRun]:
        """All runs that carry all of ``tags``, oldest first."""
        return list(self._search(Wanted(tag_texts(tags), status, newest_first=False)))

    def _search(self, wanted: Wanted) -> Iterator[RecordedRun]:
        """The runs, read when they are taken."""
        with reported_as_unavailable(self.uri):
            found = self._records.search(wanted)
        while True:
            with reported_as_unavailable(self.uri):
                run = next(found, None)
            if run is None:
                return
            yield run

    def _require(self, run_id: str) -> RecordedRun:
        """A run, whatever became of it; BadInput where the store has no such run, or has it as deleted."""
        with reported_as_unavailable(self.uri):
            found = self._records.get(run_id)
        if found is None:
            raise BadInput(f"no run {run_id} in {self.uri}: 'harness ui' shows those there are")
        return found

    def _experiment(self) -> str | None:
        """The experiment's id; it is made where it is not there, unless another process does so meanwhile.

        Artifacts of a local store get an absolute place that is never the working directory.
        """
        from mlflow.exceptions import MlflowException

        location = None if self.uri.artifacts is None else self.uri.artifacts.as_uri()
        client = self._client  # makes the store
        if self._records.experiment is None:
            try:
                client.create_experiment(self._name, artifact_location=location)
            except MlflowException as error:
                if error.error_code != "RESOURCE_ALREADY_EXISTS":
                    raise
        return self._records.experiment


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"

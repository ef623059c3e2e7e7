"""Runs in an MLflow store, begun and found again."""

import getpass
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from harness.base import interrupts
from harness.base.errors import BadInput, HarnessError, Unavailable, one_line
from harness.base.full_disk import disk_full
from harness.base.messages import Say, silent
from harness.base.process import this_process
from harness.track.digests import METRICS_TAG, UNKNOWN
from harness.track.lost_races import patiently
from harness.track.mlflow_histories import read_histories
from harness.track.mlflow_pages import keep_view, page_of_runs
from harness.track.mlflow_registry import registered
from harness.track.mlflow_run import MlflowRun
from harness.track.mlflow_store import open_client, reported_as_unavailable
from harness.track.names import clean_name, param_texts, tag_texts
from harness.track.protocol import RecordedRun, Tracker
from harness.track.spec_index import SPEC_TAG
from harness.track.sqlite_file import check_new
from harness.track.uri import StoreUri

EXPERIMENT = "bifair-harness"
NO_SUCH_RUN = ("RESOURCE_DOES_NOT_EXIST", "INVALID_PARAMETER_VALUE")
"""MLflow's codes: for an id that it does not have, and for a text that is no id of its own."""
FINISHED = "attributes.status = 'FINISHED'"
UNENDED = "attributes.status = 'RUNNING'"
PARENT_TAG = "mlflow.parentRunId"
DISCARDED_TAG = "discarded"
"""Of a run that was removed because it was cut off and has been begun anew."""
MAX_RUNS = 1000
FEW_RUNS = 10
"""How many are asked for at once where the first is most often the one that is wanted."""

Order = Literal["ASC", "DESC"]


class MlflowTracker(Tracker):
    """Runs in one experiment of an MLflow store. The store answers before the constructor returns.

    A database file and an experiment that are not there yet are made when the first run begins: what is refused before
    leaves nothing.

    Args:
        uri: the store
        experiment: its name
        page: runs that are asked for at once

    Raises:
        Unavailable: where it does not.
    """

    def __init__(self, uri: StoreUri, experiment: str = EXPERIMENT, page: int = MAX_RUNS) -> None:
        self.location = str(uri)
        self.uri = uri
        self.address = (uri.text, experiment)
        self._name = experiment
        self._page = page
        self._id: str | None = None
        self._say: Say = silent
        self._damaged: set[str] = set()
        with reported_as_unavailable(uri):
            if uri.file is not None and self._is_new:
                check_new(uri.file, uri.artifacts)
            else:
                self._experiment()

    @property
    def _is_new(self) -> bool:
        """Whether there is no store yet, and so no run."""
        return self.uri.file is not None and "_client" not in self.__dict__ and not self.uri.file.exists()

    @cached_property
    def _client(self) -> Any:
        return open_client(self.uri)

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
            created = patiently(self._client.create_run, self._experiment() or self._created(), began, own, name)
        return MlflowRun(self._client, self.uri, created.info.run_id, begun=True)

    def unchecked(self, run_id: str) -> MlflowRun:
        """Writes to a run; whether it is there shows when something is written."""
        return MlflowRun(self._client, self.uri, run_id)

    def with_tags(self, tags: Mapping[str, str]) -> list[RecordedRun]:
        """Every run that carries all of ``tags``, whatever its status, oldest first."""
        return self._all(_conditions(tags), "ASC")

    def find_finished(self, tags: Mapping[str, str]) -> RecordedRun | None:
        return next(self._finished(tags, min(FEW_RUNS, self._page)), None)

    def all_finished(self, tags: Mapping[str, str]) -> list[RecordedRun]:
        return list(self._finished(tags, self._page))

    def find(self, tags: Mapping[str, str]) -> RecordedRun | None:
        return next(self._in_pages(_conditions(tags), "DESC", 1), None)

    def children(self, parent: str) -> list[RecordedRun]:
        return self._all(_conditions({PARENT_TAG: parent}), "ASC")

    def called(self, text: str) -> list[str]:
        if not text or {"'", '"'} <= {*text}:  # MLflow knows no way to write such a text
            return []
        by = [
            f"attributes.run_name = {_quoted(text)}",
            *([f"attributes.run_id LIKE '{text}%'"] if text.isalnum() else []),
        ]
        return list(dict.fromkeys(run.id for one in by for run in self._all([one], "DESC")))

    def unended(self, tags: Mapping[str, str]) -> list[RecordedRun]:
        return self._all([UNENDED, *_conditions(tags)], "ASC")

    def finished(self, run_id: str) -> RecordedRun:
        run = self._require(run_id)
        if run.status != "FINISHED":
            raise BadInput(f"run {run_id} has not finished: its status is {run.status}")
        if not run.intact:
            raise Unavailable(self._damage(run, "metrics"))
        return run

    def resume(self, run_id: str) -> MlflowRun | None:
        with reported_as_unavailable(self.uri):
            before = self._active(run_id)
            if before is None:
                return None
            patiently(self._client.update_run, run_id, status="RUNNING")
        run = self.unchecked(run_id)
        if METRICS_TAG in before.data.tags:
            run.set_tags(UNKNOWN)
        return run

    def artifact(self, run_id: str, path: str) -> bytes:
        self._require(run_id)
        with tempfile.TemporaryDirectory() as folder:
            try:
                return Path(self._client.download_artifacts(run_id, path, folder)).read_bytes()
            except Exception as error:  # MLflow lets other libraries' errors out
                if full := disk_full(error, Path(folder)):
                    raise full from error
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
            if (experiment := self._experiment()) is None:
                return ""
            if metrics:
                patiently(keep_view, self._client, experiment, metrics)
        return page_of_runs(experiment, view=bool(metrics))

    def histories(self, run_id: str, keys: Collection[str]) -> dict[str, list[tuple[int, float]]]:
        run = self._require(run_id)
        with reported_as_unavailable(self.uri):
            found, intact = read_histories(self._client, run_id, {clean_name(key) for key in keys}, run.tags)
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
        from mlflow.exceptions import MlflowException

        with reported_as_unavailable(self.uri):
            try:
                run = self._client.get_run(run_id)
            except MlflowException as error:
                if error.error_code not in NO_SUCH_RUN:
                    raise
                return False
        return run.info.lifecycle_stage != "active" and DISCARDED_TAG in run.data.tags

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

    def _finished(self, tags: Mapping[str, str], page: int) -> Iterator[RecordedRun]:
        """Finished runs that carry all of ``tags`` and are intact, newest first.

        Where one of the tags is a spec's digest, the store is asked for that alone: few runs have it, an index leads to
        them, and planning a join for every other tag takes PostgreSQL longer than everything else.
        """
        wanted = tag_texts(tags)
        asked = {SPEC_TAG: wanted[SPEC_TAG]} if SPEC_TAG in wanted else wanted
        for run in self._in_pages([FINISHED, *_conditions(asked)], "DESC", page):
            if wanted.items() <= run.tags.items() and self._is_intact(run):
                yield run

    def _all(self, conditions: Sequence[str], order: Order) -> list[RecordedRun]:
        """All runs under the conditions by the time of their start."""
        return list(self._in_pages(conditions, order, self._page))

    def _in_pages(self, conditions: Sequence[str], order: Order, size: int) -> Iterator[RecordedRun]:
        """The same, ``size`` of them asked for at a time, when they are wanted."""
        page = None
        while page is None or page.token:
            with reported_as_unavailable(self.uri):
                if (experiment := self._experiment()) is None:
                    return
                page = self._client.search_runs(
                    [experiment],
                    " and ".join(conditions),
                    order_by=[f"attributes.start_time {order}"],
                    max_results=size,
                    page_token=None if page is None else page.token,
                )
            yield from map(_listed, page)

    def _require(self, run_id: str) -> RecordedRun:
        """A run, whatever became of it; BadInput where the store has no such run, or has it as deleted."""
        with reported_as_unavailable(self.uri):
            found = self._active(run_id)
        if found is None:
            raise BadInput(f"no run {run_id} in {self.uri}: 'harness ui' shows those there are")
        return _listed(found)

    def _active(self, run_id: str) -> Any | None:
        """MLflow's record of a run; None where the store has no such run, or has it as deleted."""
        if self._is_new:
            return None
        from mlflow.exceptions import MlflowException

        try:
            found = self._client.get_run(run_id)
        except MlflowException as error:
            if error.error_code not in NO_SUCH_RUN:
                raise
            return None
        return found if found.info.lifecycle_stage == "active" else None

    def _experiment(self) -> str | None:
        """The experiment's id; None where it is not there yet."""
        if self._id is None and not self._is_new:
            found = self._client.get_experiment_by_name(self._name)
            if found is not None and found.lifecycle_stage != "active":
                was = f"experiment '{self._name}' was deleted in {self.uri}"
                raise Unavailable(f"{was}; restore it or use --experiment NAME")
            self._id = None if found is None else str(found.experiment_id)
        return self._id

    def _created(self) -> str | None:
        """The id of the new experiment, or of the one that another process has made meanwhile.

        Artifacts of a local store get an absolute place that is never the working directory.
        """
        from mlflow.exceptions import MlflowException

        location = None if self.uri.artifacts is None else self.uri.artifacts.as_uri()
        try:
            self._id = str(self._client.create_experiment(self._name, artifact_location=location))
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        return self._experiment()


def _listed(run: Any) -> RecordedRun:
    """A run as MLflow gives it."""
    return RecordedRun(run.info.run_id, run.info.status, dict(run.data.metrics), dict(run.data.tags))


def _conditions(tags: Mapping[str, str]) -> list[str]:
    """What MLflow's search is asked: all of ``tags``."""
    return [f"tags.`{key}` = {_quoted(value)}" for key, value in tag_texts(tags).items()]


def _quoted(text: str) -> str:
    return f'"{text}"' if "'" in text else f"'{text}'"


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"

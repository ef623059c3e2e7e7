"""Optuna's record of a search: what was asked, what was told, which runs answered."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self

from harness.base import interrupts, paths
from harness.base.errors import BadInput, HarnessError, one_line
from harness.base.full_disk import disk_full
from harness.base.sharing import lock, make_folder
from harness.base.writable import written_into_home
from harness.study.optuna_private import still_open
from harness.study.status import Status, status_of
from harness.track.database import MIGRATIONS, Database
from harness.track.sqlite_address import sqlite_address

if TYPE_CHECKING:
    import optuna

FAILURE, RUN_ID = "failure", "run"
NEVER_ASKED = "stopped before it had parameters"
Direction = Literal["maximize", "minimize"]


def check_storage(url: str, runs: str = "") -> None:
    """Open a database for trials once, its tables made where they are not there: before anything is trained.

    Args:
        runs: the address of the database that runs are recorded in, which may not have been made yet

    Raises:
        BadInput: for an address that is none, or MLflow's database.
        Unavailable: where the driver is not installed, or the database does not answer or let this user write.
    """
    database = trials_database(url)
    tables = database.tables() if not database.is_at(runs) else {MIGRATIONS}
    if MIGRATIONS in tables and ("version_info" not in tables or "experiments" in tables):
        raise BadInput(f"{database} is a database of something else (of MLflow, say); trials need one of their own")
    with _reported(url):
        _close(_opened(url))


class SearchStorage:
    """One search in SQLite in the user folder, or in any database that Optuna writes to.

    No request to stop cuts one of its writes off: the database would stay locked.

    As a context manager it gives its connections back in the end.

    Raises:
        Unavailable: where the database does not answer.
        HarnessError: from the context, where it fails under way.
    """

    def __init__(
        self, name: str, directions: Sequence[Direction], *, url: str | None = None, restart: bool = False
    ) -> None:
        import optuna

        folder = paths.studies_folder()
        with written_into_home(folder):
            make_folder(folder)
        self._url = url or sqlite_address(folder / "optuna.db")
        self._lock = lock(folder / "optuna.lock")
        self._name, self._directions = name, list(directions)
        with _reported(self._url), self._lock:
            self._storage = _opened(self._url)
            summaries = optuna.get_all_study_summaries(self._storage) if restart else []
        self.optuna = self._begin(anew=name in {summary.study_name for summary in summaries})

    def begin_anew(self) -> None:
        """Forget all trials."""
        self.optuna = self._begin(anew=True)

    @interrupts.unbroken()
    def _begin(self, *, anew: bool) -> "optuna.Study":
        import optuna

        with _reported(self._url), self._lock:
            if anew:
                optuna.delete_study(study_name=self._name, storage=self._storage)
            return optuna.create_study(
                study_name=self._name, storage=self._storage, directions=self._directions, load_if_exists=True
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        from optuna.exceptions import StorageInternalError
        from sqlalchemy.exc import SQLAlchemyError

        _close(self._storage)
        if isinstance(error, SQLAlchemyError | StorageInternalError):
            database = trials_database(self._url)
            if full := disk_full(error, database.file):
                raise full from error
            reason = one_line(_first_of(error))[:300]
            raise HarnessError(
                f"{database} failed: {reason}; the same command goes on where this one stopped"
            ) from error

    @interrupts.unbroken()
    def trials(self, *states: str) -> "list[optuna.trial.FrozenTrial]":
        """The trials in any of these states, by number; all of them where none is given.

        Those that wait to be asked for, and those that were cut off before they had parameters, are none.
        """
        known = [trial for trial in self.optuna.get_trials(deepcopy=False) if trial.state.name != "WAITING"]
        notes = self.optuna.user_attrs  # read once: each time is a question to the database
        whole = [trial for trial in known if notes.get(f"{FAILURE}/{trial.number}") != NEVER_ASKED]
        return [trial for trial in whole if not states or trial.state.name in states]

    def rank(self, number: int) -> int:
        """Which trial the one that Optuna has given ``number`` is, from 0, not counting those that are none."""
        return sum(trial.number < number for trial in self.trials())

    @interrupts.unbroken()
    def next_has(self, params: Mapping[str, Any]) -> None:
        """Let the next trial have these parameters, unless it has been told so already."""
        if not self.optuna.get_trials(deepcopy=False, states=(_state("WAITING"),)):
            self.optuna.enqueue_trial(dict(params))

    @interrupts.unbroken()
    def note(self, what: str, number: int, value: str) -> None:
        """Keep ``value`` with trial ``number``."""
        self.optuna.set_user_attr(f"{what}/{number}", value)

    @interrupts.unbroken()
    def noted(self, what: str, number: int) -> str:
        """What was kept with a trial; empty where nothing was."""
        return str(self.optuna.user_attrs.get(f"{what}/{number}", ""))

    @interrupts.unbroken()
    def finish(self, number: int, values: Mapping[str, float], constraint: float | None = None) -> None:
        """A trial ends with the values of the objectives.

        Args:
            constraint: how far it is from qualifying; at most 0 where it does; None where nothing is asked
        """
        if constraint is not None:
            found = next(trial for trial in self.trials() if trial.number == number)
            still_open(self.optuna, found).set_constraint("accuracy", constraint)
        self.optuna.tell(number, list(values.values()))

    @interrupts.unbroken()
    def fail(self, number: int, reason: str) -> None:
        """A trial ends without values: it failed, or was stopped because it fell behind."""
        self.note(FAILURE, number, reason)
        self.optuna.tell(number, state=_state("PRUNED" if status_of(reason) is Status.PRUNED else "FAIL"))


def trials_database(url: str) -> Database:
    """The database that trials are kept in.

    Raises:
        BadInput: for an address that is none.
    """
    return Database(url, "Optuna storage", "--storage URL")


def _opened(url: str) -> "optuna.storages.RDBStorage":
    """Connections are tried before they are used: between two trials a server may have closed them."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    database = trials_database(url)
    database.make_file()
    filled_in = database.bounded.replace("{", "{{").replace("}", "}}")  # Optuna takes it for a template
    return optuna.storages.RDBStorage(filled_in, engine_kwargs={"pool_pre_ping": True})


def _close(storage: "optuna.storages.RDBStorage") -> None:
    """Give all connections back."""
    storage.remove_session()
    storage.engine.dispose()


def _first_of(error: BaseException) -> BaseException:
    """The one that the others came of: a lost connection makes Optuna stumble over its own next steps."""
    while error.__context__ is not None:
        error = error.__context__
    return error


@contextmanager
def _reported(url: str) -> Iterator[None]:
    """Whatever goes wrong inside becomes one line about the database."""
    try:
        yield
    except Exception as error:  # SQLAlchemy's and the drivers' errors have no common base
        raise trials_database(url).unusable(error) from error


def _state(name: str) -> "optuna.trial.TrialState":
    import optuna

    return optuna.trial.TrialState[name]

"""Optuna's record of a search: what was asked, what was told, which runs answered."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal

from filelock import FileLock

from harness import paths
from harness.errors import Unavailable
from harness.study.pruning import PRUNED
from harness.track.protocol import one_line

if TYPE_CHECKING:
    import optuna

FAILURE, RUN_ID = "failure", "run"
NEVER_ASKED = "stopped before it had parameters"
Direction = Literal["maximize", "minimize"]


class SearchStorage:
    """One search in SQLite in the user folder, or in any database that Optuna writes to.

    Raises:
        Unavailable: where the database does not answer.
    """

    def __init__(
        self, name: str, directions: Sequence[Direction], *, url: str | None = None, restart: bool = False
    ) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        folder = paths.studies_folder()
        folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(folder / "optuna.lock"):
                storage = optuna.storages.RDBStorage(url or f"sqlite:///{folder / 'optuna.db'}")
                if restart and name in {summary.study_name for summary in optuna.get_all_study_summaries(storage)}:
                    optuna.delete_study(study_name=name, storage=storage)
                self.optuna: optuna.Study = optuna.create_study(
                    study_name=name, storage=storage, directions=list(directions), load_if_exists=True
                )
        except Exception as error:  # SQLAlchemy's and the drivers' errors have no common base
            raise Unavailable(f"Optuna storage {url or folder / 'optuna.db'}: {one_line(error)[:200]}") from error

    def trials(self, *states: str) -> "list[optuna.trial.FrozenTrial]":
        """The trials in any of these states, by number; all of them where none is given.

        Those that wait to be asked for, and those that were cut off before they had parameters, are none.
        """
        known = [trial for trial in self.optuna.get_trials(deepcopy=False) if trial.state.name != "WAITING"]
        whole = [trial for trial in known if self.noted(FAILURE, trial.number) != NEVER_ASKED]
        return [trial for trial in whole if not states or trial.state.name in states]

    def rank(self, number: int) -> int:
        """Which trial the one that Optuna has given ``number`` is, from 0, not counting those that are none."""
        return sum(trial.number < number for trial in self.trials())

    def first(self, params: Mapping[str, Any]) -> None:
        """Let the first trial have these parameters, unless it has been told so already."""
        if not self.optuna.get_trials(deepcopy=False, states=(_state("WAITING"),)):
            self.optuna.enqueue_trial(dict(params))

    def note(self, what: str, number: int, value: str) -> None:
        """Keep ``value`` with trial ``number``."""
        self.optuna.set_user_attr(f"{what}/{number}", value)

    def noted(self, what: str, number: int) -> str:
        """What was kept with a trial; empty where nothing was."""
        return str(self.optuna.user_attrs.get(f"{what}/{number}", ""))

    def finish(self, number: int, values: Mapping[str, float], constraint: float | None = None) -> None:
        """A trial ends with the values of the objectives.

        Args:
            constraint: how far it is from qualifying; at most 0 where it does; None where nothing is asked
        """
        import optuna

        if constraint is not None:
            found = next(trial for trial in self.trials() if trial.number == number)
            optuna.trial.Trial(self.optuna, found._trial_id).set_constraint("accuracy", constraint)
        self.optuna.tell(number, list(values.values()))

    def fail(self, number: int, reason: str) -> None:
        """A trial ends without values: it failed, or was stopped because it fell behind."""
        self.note(FAILURE, number, reason)
        self.optuna.tell(number, state=_state("PRUNED" if reason.startswith(PRUNED) else "FAIL"))


def _state(name: str) -> "optuna.trial.TrialState":
    import optuna

    return optuna.trial.TrialState[name]

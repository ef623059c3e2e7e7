"""All that is used of Optuna beneath its public interface: the only file to mend where a new version moves it."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import optuna


def still_open(study: "optuna.Study", trial: "optuna.trial.FrozenTrial") -> "optuna.trial.Trial":
    """A running trial as one that can be written to; Optuna gives it so only to the process that asked for it."""
    from optuna.trial import Trial

    return Trial(study, trial._trial_id)

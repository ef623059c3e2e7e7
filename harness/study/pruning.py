"""Trials that fall behind are stopped: Optuna's percentile rule on the curve of validation NDCG.

Optuna does not prune searches with several objectives. Accuracy alone decides here: whatever else a trial is good at,
it does not count where it falls far behind in accuracy. Only the worst tenth is stopped, so that a fair trial that is
somewhat less accurate is not. Optuna compares with finished trials alone, which are the better ones the more have been
stopped: with the worst quarter more than half of a search was.
"""

from collections.abc import Sequence

from harness.study.status import Status
from harness.training.mishaps import Ended

KEPT_PERCENT = 90.0
FIRST_TRIALS = 4
"""So many are finished before any is stopped."""
FIRST_EPOCHS = 10
"""No trial is stopped before."""

Curve = Sequence[float]
"""Validation NDCG by epoch, from the first."""


class Pruned(Ended):
    """The trial has fallen behind."""


class Pruning:
    """Told of every epoch of a trial; says stop where its best NDCG so far is in the worst tenth at that epoch.

    Args:
        rivals: curves of the finished trials
    """

    def __init__(self, rivals: Sequence[Curve]) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        self._study = optuna.create_study(
            direction="maximize", pruner=optuna.pruners.PercentilePruner(KEPT_PERCENT, FIRST_TRIALS, FIRST_EPOCHS)
        )
        for curve in rivals:
            values = dict(enumerate(curve, 1))
            self._study.add_trial(optuna.trial.create_trial(value=max(curve), intermediate_values=values))
        self._trial = self._study.ask()

    def __call__(self, epoch: int, ndcg: float) -> None:
        """An epoch (from 1) has ended.

        Raises:
            Pruned: where the trial should stop.
        """
        self._trial.report(ndcg, epoch)
        if self._trial.should_prune():
            reason = "its best validation NDCG is in the worst tenth of the trials"
            raise Pruned(f"{Status.PRUNED} after epoch {epoch}: {reason}")

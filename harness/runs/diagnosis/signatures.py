"""Failure signatures: trainings that ended but did not do what they were meant to, found by name from their curves.

The names and symptoms are those that analyses of BiFair warn of: divergent training, weights that collapse onto one
group, accuracy that collapses under the fairness loss, an outer loop that stalls, a look-ahead that ascends.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.training.fit import Epoch, Fit

DIVERGED = "diverged"
COLLAPSED_WEIGHT = 0.9
LAST_EPOCHS = 3
SMALLEST_DRIFT = 1e-4


@dataclass(frozen=True)
class Signature:
    """What a run's tag says.

    Attributes:
        title: for tables, in a few words
        meaning: what has happened
        remedy: what to look at and to change
    """

    title: str
    meaning: str
    remedy: str


SIGNATURES: Mapping[str, Signature] = {
    DIVERGED: Signature(
        "training diverged",
        "a loss, a weight or a representation became infinite or no number, and training ended there",
        "The run counts as failed. Lower `config.learning_rate`, then `config.eta`; with `config.lookahead=sgd` also "
        "`config.xi`, which makes sense only when it is small. Vectors of your own that are very long are another "
        "cause: `encoder.normalise=true`.",
    ),
    "weight_collapse": Signature(
        "weight collapsed onto one group",
        f"one group holds at least {COLLAPSED_WEIGHT:.0%} of the weight in the last {LAST_EPOCHS} epochs",
        "All others are no longer trained for. Lower `config.lam` (of `group_dro`: `config.alpha`), mix with the "
        "groups' own shares by `config.gamma=0.5`, or look whether that group is too small to be judged at all: "
        "`harness data audit` counts its interactions.",
    ),
    "accuracy_collapse": Signature(
        "accuracy below that of most_popular",
        "the model is less accurate on validation data than recommending the same popular items to everybody",
        "Whatever its fairness is, it is that of a model which has learnt nothing. Look at NDCG along the epochs: "
        "was it trained long enough (`training.max_epochs`, `training.patience`)? Then lower what trades it away: "
        "`config.lam`, `config.gamma`, `config.eta`; and try `--encoder tfidf-svd`: the vectors may say nothing.",
    ),
    "stalled_outer_loop": Signature(
        "the outer loop stalled",
        f"Z was to be learnt and has moved by less than {SMALLEST_DRIFT:g} of its length",
        "The run is no more than training under group weights. Raise `config.eta`, or train longer; with "
        "`config.outer_every` above 1 the outer level has fewer steps.",
    ),
    "lookahead_ascends": Signature(
        "the look-ahead ascends",
        "in most epochs θ' loses more than θ on the very batch that it was made from, so that the outer level looks "
        "at a step that nobody would take",
        "Lower `config.xi`, or let `config.lookahead=preconditioned` scale the step as the optimiser will.",
    ),
}
"""Tags by which runs say that training did not do what it was meant to."""


def find_signatures(fit: Fit, floor: float) -> dict[str, str]:
    """The signatures that a finished training shows, by name, each with its figures.

    Args:
        fit: the training's epochs
        floor: what most_popular reaches on the value that selects (validation NDCG)
    """
    found = {
        "weight_collapse": _weight_collapse(fit.epochs),
        "accuracy_collapse": _accuracy_collapse(fit, floor),
        "stalled_outer_loop": _stalled_outer_loop(fit.epochs),
        "lookahead_ascends": _lookahead_ascends(fit.epochs),
    }
    return {name: reason for name, reason in found.items() if reason}


def _weight_collapse(epochs: Sequence[Epoch]) -> str:
    """One group holds nearly all weight at the end, though there are others."""
    last = [epoch.report.group_weights for epoch in epochs[-LAST_EPOCHS:]]
    if not last or len(last[0]) < 2:
        return ""
    means = {name: sum(weights[name] for weights in last) / len(last) for name in last[0]}
    name = max(means, key=lambda group: means[group])
    if means[name] < COLLAPSED_WEIGHT:
        return ""
    return f"group '{name}' holds {means[name]:.0%} of the weight in the last {len(last)} epochs"


def _accuracy_collapse(fit: Fit, floor: float) -> str:
    """Not even as accurate as recommending the same popular items to everybody."""
    if fit.best.validation.value >= floor:
        return ""
    return f"validation NDCG {fit.best.validation.value:.4f} is below that of most_popular, {floor:.4f}"


def _stalled_outer_loop(epochs: Sequence[Epoch]) -> str:
    """Z was to be learnt but has not moved."""
    drift = epochs[-1].report.values.get("drift_of_Z")
    if drift is None or drift >= SMALLEST_DRIFT:
        return ""
    return f"‖Z−Z₀‖/‖Z₀‖ is {drift:.1e} after {len(epochs)} epochs: η is too small for Z to be repaired"


def _lookahead_ascends(epochs: Sequence[Epoch]) -> str:
    """θ' loses more than θ on the very batch it was made from: ξ is too large for its direction."""
    pairs = [
        (values["inner_loss_before_lookahead"], values["inner_loss_after_lookahead"])
        for values in (epoch.report.values for epoch in epochs)
        if "inner_loss_before_lookahead" in values
    ]
    ascents = sum(after > before for before, after in pairs)
    if 2 * ascents <= len(pairs):
        return ""
    return f"the look-ahead raised the inner loss in {ascents} of {len(pairs)} epochs: ξ overshoots"

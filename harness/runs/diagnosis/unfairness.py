"""Where a recommender's unfairness comes from: its representations (*prior*) or its training.

Four recommenders are measured alike: (a) no training at all on Z₀, the cosine of an item and the mean of the user's
history; (b) the trained model; (c) no training on the learnt Z; (d) a fresh reference method on the learnt Z, frozen.
Prior unfairness is (a), training unfairness (b) − (a), the prior unfairness that was repaired (a) − (c). Where groups
were erased from the vectors before Z₀ came of them, (a) is measured on the vectors as they were, too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from harness.base.late import functional, torch
from harness.domain.interactions import Training
from harness.domain.metric_key import MetricKey
from harness.domain.ranking import Score
from harness.models.graph import history
from harness.models.sparse import SparseOperator

Measure = Callable[[Score], Mapping[MetricKey, float]]
"""A recommender to its figures."""


@dataclass(frozen=True)
class Recommenders:
    """What the decomposition compares.

    ``fresh`` is None where Z has not moved and (d) is (b), ``unerased`` where nothing was erased from Z₀.
    """

    trained: Score
    initial: torch.Tensor
    learnt: torch.Tensor
    fresh: Score | None
    unerased: torch.Tensor | None = None


def zero_training(training: Training, Z: torch.Tensor) -> Score:
    """score(u, i) = cos(mean of the Z of u's training items, Z_i); Z of shape (n_items, d_lm)."""
    profile = SparseOperator(history(training), device=Z.device, dtype=Z.dtype) @ Z
    users, items = functional.normalize(profile, dim=1), functional.normalize(Z, dim=1)
    return lambda chosen: users[chosen.to(Z.device)] @ items.T


def decompose(training: Training, compared: Recommenders, measure: Measure, unfairness: MetricKey) -> dict[str, float]:
    """Figures of (a) to (d) and the decomposition of one of them.

    Args:
        training: what gives the zero-training recommenders their histories
        compared: the recommenders
        measure: figures of a recommender, all on the same data
        unfairness: the figure that is decomposed, lower is fairer (``genre/cv_at_20``)

    Returns:
        ``a_zero_training/…``, ``b_trained/…``, ``c_zero_training_learnt/…``, ``d_fresh_reference/…`` and
        ``prior``, ``training``, ``repaired_prior`` of ``unfairness`` (those that are defined); where groups were
        erased also ``a_before_erasure/…`` and ``prior_before_erasure``.
    """
    stages = {
        "a_zero_training": measure(zero_training(training, compared.initial)),
        "b_trained": measure(compared.trained),
        "c_zero_training_learnt": measure(zero_training(training, compared.learnt)),
    }
    stages["d_fresh_reference"] = measure(compared.fresh) if compared.fresh else stages["b_trained"]
    if compared.unerased is not None:
        stages["a_before_erasure"] = measure(zero_training(training, compared.unerased))
    figures = {f"{stage}/{name}": value for stage, values in stages.items() for name, value in values.items()}
    a, b, c = (stages[stage].get(unfairness) for stage in ("a_zero_training", "b_trained", "c_zero_training_learnt"))
    if a is not None:
        figures["prior"] = a
        if b is not None:
            figures["training"] = b - a
        if c is not None:
            figures["repaired_prior"] = a - c
    before = stages.get("a_before_erasure", {}).get(unfairness)
    if before is not None:
        figures["prior_before_erasure"] = before
    return figures

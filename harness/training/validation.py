"""What judges an epoch: the selection rule, on validation data."""

from __future__ import annotations

from collections.abc import Callable
from math import nan

from harness.base.late import torch
from harness.builtin.disparities.cv import CV
from harness.domain.interactions import Split
from harness.domain.metric_key import MetricKey
from harness.evaluation.evaluate import Evaluation, Fairness, validate
from harness.evaluation.reranking import Reranking
from harness.plugins import Method
from harness.spec.run_spec import RunSpec
from harness.spec.selection import Bar
from harness.training.fit import ValidationScore


def validator(
    spec: RunSpec, split: Split, trained: Fairness, device: torch.device, bar: Bar | None = None
) -> Callable[[Method], ValidationScore]:
    """Validation NDCG at the headline cut-off, and which epoch is preferred.

    Fairness is that of the groups ``trained`` on. Without a ``bar`` the rule is ``best_ndcg``, whatever the spec
    selects by; with one, ``fair_within:x``.

    Raises:
        BadInput: where the re-ranker's options do not suit the groups, or the data are too large for it.
    """
    headline = MetricKey("ndcg", spec.evaluation.headline_k)
    reranking = reranking_of(spec, trained, device)
    if reranking is not None:
        reranking.check(split.validation.n_users)

    def judge(method: Method) -> ValidationScore:
        scored = validate(method.score, split.validation, [split.training], trained, spec.evaluation, device, reranking)
        ndcg, metrics = scored.metrics[headline], dict(scored.metrics)
        if bar is None:
            return ValidationScore(ndcg, metrics)
        return ValidationScore(ndcg, metrics, bar.preference(ndcg, _cv(scored)))

    return judge


def _cv(scored: Evaluation) -> float:
    """Of the grouping trained on, also where its definition reports other disparities; NaN where undefined."""
    given = scored.tables[0].judged_utilities
    return CV.of(given) if len(given) else nan


def reranking_of(spec: RunSpec, trained: Fairness, device: torch.device) -> Reranking | None:
    """The run's post-processing, on the grouping trained on; the same for validation and test."""
    if not spec.rerank.active:
        return None
    return Reranking(spec.rerank, trained.membership, spec.evaluation.headline_k, device)

"""What judges an epoch: the selection rule, on validation data."""

from collections.abc import Callable
from math import nan

import torch

from harness.evaluate import Evaluation, validate
from harness.experiment import Experiment
from harness.metrics.disparities.cv import CV
from harness.metrics.keys import at
from harness.protocols import Method
from harness.rerank import Reranking
from harness.selection import Bar
from harness.spec import RunSpec
from harness.train import ValidationScore


def validator(
    spec: RunSpec, experiment: Experiment, device: torch.device, bar: Bar | None = None
) -> Callable[[Method], ValidationScore]:
    """Validation NDCG at the headline cut-off, and which epoch is preferred.

    Without a ``bar`` that is the rule ``best_ndcg``, whatever the spec selects by; with one, ``fair_within:x``.
    """
    parts, headline = experiment.split, at("ndcg", spec.evaluation.headline_k)
    reranking = reranking_of(spec, experiment, device)

    def judge(method: Method) -> ValidationScore:
        scored = validate(
            method.score, parts.validation, [parts.training], experiment.trained, spec.evaluation, device, reranking
        )
        ndcg, metrics = scored.metrics[headline], dict(scored.metrics)
        if bar is None:
            return ValidationScore(ndcg, metrics)
        return ValidationScore(ndcg, metrics, bar.preference(ndcg, _cv(scored)))

    return judge


def _cv(scored: Evaluation) -> float:
    """Of the grouping trained on, also where its definition reports other disparities; NaN where undefined."""
    utilities = scored.tables[0].utilities
    given = utilities.values[utilities.present]
    return CV.of(given) if len(given) else nan


def reranking_of(spec: RunSpec, experiment: Experiment, device: torch.device) -> Reranking | None:
    """The run's post-processing, on the grouping trained on; the same for validation and test."""
    if not spec.rerank.active:
        return None
    return Reranking(spec.rerank, experiment.trained.membership, spec.evaluation.headline_k, device)

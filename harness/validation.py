"""What judges an epoch: the selection rule, on validation data."""

from collections.abc import Callable

import torch

from harness.evaluate import validate
from harness.experiment import Experiment
from harness.metrics.keys import at
from harness.protocols import Method
from harness.rerank import Reranking
from harness.spec import RunSpec
from harness.train import ValidationScore


def validator(spec: RunSpec, experiment: Experiment, device: torch.device) -> Callable[[Method], ValidationScore]:
    """The rule ``best_ndcg``: validation NDCG at the headline cut-off, higher is better."""
    parts, headline = experiment.split, at("ndcg", spec.evaluation.headline_k)
    reranking = reranking_of(spec, experiment, device)

    def judge(method: Method) -> ValidationScore:
        scored = validate(
            method.score, parts.validation, [parts.training], experiment.trained, spec.evaluation, device, reranking
        )
        return ValidationScore(scored.metrics[headline], dict(scored.metrics))

    return judge


def reranking_of(spec: RunSpec, experiment: Experiment, device: torch.device) -> Reranking | None:
    """The run's post-processing, on the grouping trained on; the same for validation and test."""
    if not spec.rerank.active:
        return None
    return Reranking(spec.rerank, experiment.trained.membership, spec.evaluation.headline_k, device)

"""What judges an epoch: the selection rule, on validation data."""

from collections.abc import Callable

import torch

from harness.evaluate import validate
from harness.experiment import Experiment
from harness.metrics.keys import at
from harness.protocols import Method
from harness.spec import RunSpec
from harness.train import ValidationScore


def validator(spec: RunSpec, experiment: Experiment, device: torch.device) -> Callable[[Method], ValidationScore]:
    """The rule ``best_ndcg``: validation NDCG at the headline cut-off, higher is better."""
    parts, headline = experiment.split, at("ndcg", spec.evaluation.headline_k)

    def judge(method: Method) -> ValidationScore:
        scored = validate(method.score, parts.validation, [parts.training], experiment.trained, spec.evaluation, device)
        return ValidationScore(scored.metrics[headline], dict(scored.metrics))

    return judge

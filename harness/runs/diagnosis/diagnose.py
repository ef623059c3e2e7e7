"""The diagnosis of one finished run: signatures on validation, and on test where unfairness comes from."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from harness.base.late import torch
from harness.domain.metric_key import MetricKey
from harness.domain.ranking import Score
from harness.evaluation.evaluate import evaluate, validate
from harness.plugins import Method, Problem, RerankConfig
from harness.plugins.registry import registry
from harness.runs.diagnosis.drift import drift
from harness.runs.diagnosis.signatures import find_signatures
from harness.runs.diagnosis.unfairness import Recommenders, decompose
from harness.runs.experiment import Experiment
from harness.spec.options import EvaluationOptions
from harness.spec.reference import reference_of
from harness.spec.run_spec import RunSpec
from harness.training.fit import Fit, fit
from harness.training.validation import validator

Progress = Callable[[int, int], None]
"""Told how far something is: done, and of how many at most."""


def signatures(fitted: Fit, spec: RunSpec, experiment: Experiment) -> dict[str, str]:
    """Failure signatures by name; the accuracy floor is what recommending popular items reaches on validation."""
    parts = experiment.split
    counts = np.bincount(parts.training.items, minlength=parts.training.n_items)
    popular = torch.as_tensor(counts, dtype=torch.float32)
    scored = validate(
        lambda users: popular.expand(len(users), -1),
        parts.validation,
        [parts.training],
        experiment.trained,
        spec.evaluation,
    )
    return find_signatures(fitted, scored.metrics[MetricKey("ndcg", spec.evaluation.headline_k)])


def origins(
    method: Method, spec: RunSpec, experiment: Experiment, device: torch.device, progress: Progress
) -> dict[str, float]:
    """``unfairness/…`` and ``drift/…`` of a fitted method that has a Z; empty for one without.

    Of the method's own scores: post-processing has no part in where their unfairness comes from.

    The reference method of (d) is trained afresh where Z has moved, with its defaults and the run's seed; ``progress``
    is told of each of its epochs: how many there have been, and how many there may be.
    """
    learnt = method.representations()
    if learnt is None or experiment.embeddings is None:
        return {}
    initial = torch.as_tensor(experiment.embeddings, dtype=learnt.dtype, device=learnt.device)
    fresh = None if torch.equal(initial, learnt) else _fresh_reference(learnt, spec, experiment, device, progress)
    k = spec.evaluation.headline_k
    options = EvaluationOptions(ks=(k,), headline_k=k, metrics=("ndcg",))
    parts = experiment.split

    def measure(score: Score) -> Mapping[MetricKey, float]:
        masked = [parts.training, parts.validation]
        metrics = evaluate(score, parts.test, masked, [experiment.trained], options, device).metrics
        return {key: metrics[key] for key in wanted if key in metrics}

    fairness = [MetricKey(name, k, spec.group) for name in experiment.trained.disparities]
    wanted = [MetricKey("ndcg", k), *fairness]
    unerased = None if experiment.unerased is None else torch.as_tensor(experiment.unerased).to(initial)
    compared = Recommenders(method.score, initial, learnt, fresh, unerased)
    found = decompose(parts.training, compared, measure, fairness[0])
    moved = drift(initial, learnt, experiment.trained.membership)
    return {f"unfairness/{key}": value for key, value in found.items()} | {
        f"drift/{key}": value for key, value in moved.items()
    }


def _fresh_reference(
    learnt: torch.Tensor, spec: RunSpec, experiment: Experiment, device: torch.device, progress: Progress
) -> Score:
    asked = reference_of(spec)
    reference = registry.get("method", asked.method)(asked.config)
    known = experiment.problem(spec, device)
    embeddings = learnt.detach().float().cpu().numpy()
    reference.prepare(Problem(known.training, embeddings, known.membership, known.streams, device))
    unprocessed = spec.model_copy(update={"rerank": RerankConfig()})
    fit(
        reference,
        validator(unprocessed, experiment.split, experiment.trained, device),
        spec.training,
        lambda epoch: progress(epoch.number, spec.training.max_epochs),
    )
    return reference.score

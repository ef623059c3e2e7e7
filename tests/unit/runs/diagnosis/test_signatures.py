"""Failure signatures: each is provoked, by curves and by really training into it."""

import pytest
from harness.methods.bifair.config import BiFairConfig
from harness.methods.bifair.method import BiFair

from harness.plugins import EpochReport
from harness.runs.diagnosis.signatures import find_signatures
from harness.spec.options import TrainingOptions
from harness.testing import toy_problem
from harness.training.fit import Epoch, Fit, ValidationScore, fit
from harness.training.mishaps import Diverged


def training(*reports: EpochReport, ndcg: float = 0.3) -> Fit:
    epochs = [Epoch(n, report, ValidationScore(ndcg, {}), n == 1, 0.0) for n, report in enumerate(reports, 1)]
    return Fit(epochs, best_epoch=1)


def trained(epochs: int = 3, **options: object) -> Fit:
    method = BiFair(BiFairConfig(batch_size=128, min_rows=1, **options))
    method.prepare(toy_problem(0))
    return fit(method, lambda _: ValidationScore(0.3, {}), TrainingOptions(max_epochs=epochs), lambda _: None)


def test_a_healthy_training_has_none() -> None:
    report = EpochReport(1.0, group_weights={"a": 0.4, "b": 0.6}, values={"drift_of_Z": 0.1})
    assert find_signatures(training(report), floor=0.2) == {}


def test_weight_collapse() -> None:
    found = find_signatures(trained(balancer="group_dro", alpha=1000.0), floor=0.2)
    assert "of the weight in the last 3 epochs" in found["weight_collapse"]


def test_one_group_alone_cannot_collapse() -> None:
    assert "weight_collapse" not in find_signatures(training(EpochReport(1.0, group_weights={"all": 1.0})), floor=0.2)


def test_accuracy_collapse() -> None:
    found = find_signatures(training(EpochReport(1.0), ndcg=0.1), floor=0.2)
    assert found == {"accuracy_collapse": "validation NDCG 0.1000 is below that of most_popular, 0.2000"}


def test_stalled_outer_loop() -> None:
    assert "η is too small" in find_signatures(trained(eta=1e-9), floor=0.2)["stalled_outer_loop"]
    assert "stalled_outer_loop" not in find_signatures(trained(eta=0), floor=0.2), "Z was not to be learnt"
    assert "stalled_outer_loop" not in find_signatures(trained(eta=1e-2), floor=0.2)


def test_lookahead_ascends() -> None:
    options = {"learning_rate": 0.02, "lookahead": "diagonal"}
    overshooting, careful = trained(12, xi=3.0, **options), trained(12, xi=1e-5, **options)
    assert "ξ overshoots" in find_signatures(overshooting, floor=0.2)["lookahead_ascends"]
    assert "lookahead_ascends" not in find_signatures(careful, floor=0.2)


def test_divergence_is_an_error_that_names_the_epoch() -> None:
    with pytest.raises(Diverged, match="bifair diverged in epoch 1"):
        trained(temperature=1e-37)

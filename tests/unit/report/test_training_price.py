"""What fairness takes in training: ratios of means over shared seeds, and who was cut short."""

from typing import Any

import pytest

from harness.report.document import Table
from harness.report.grid.training_price import price_section
from harness.study.records import Record, Records
from harness.study.study_spec import GridSpec

STUDY = GridSpec.model_validate({
    "summary": "s", "methods": ["alpharec", "bifair", "ease"], "baseline": "alpharec",
    "budgets": {"default": {"seeds": [0, 1]}},
})  # fmt: skip


def run(variant: str, seed: int, seconds: float, epochs: int, limit: int = 60, cv: float = 0.4) -> Record:
    metrics = {"test/ndcg_at_20": 0.3, "test/genre/cv_at_20": cv, "training_seconds": seconds, "epochs": float(epochs)}
    spec: dict[str, Any] = {
        "group": "genre", "dataset": "toy", "evaluation": {"headline_k": 20}, "training": {"max_epochs": limit},
    }  # fmt: skip
    return Record("compare", variant, variant, "best_ndcg", seed, run=f"{variant}{seed}", metrics=metrics, spec=spec)


def table(*runs: Record) -> Table:
    section = price_section(STUDY, Records("s", "default", {}, runs))
    assert section is not None
    (block,) = section.blocks
    assert isinstance(block, Table)
    return block


def test_means_and_ratios_are_over_the_seeds_that_both_have() -> None:
    found = table(
        run("alpharec", 0, 10, 30), run("alpharec", 1, 30, 50),
        run("bifair", 0, 50, 20, cv=0.3), run("bifair", 1, 70, 40, cv=0.1),
    )  # fmt: skip
    alpharec, bifair = found.data
    assert alpharec["times_baseline"] == 1
    assert alpharec["cv_change"] is None
    assert bifair["training_seconds"] == 60
    assert bifair["times_baseline"] == pytest.approx((50 + 70) / (10 + 30))
    assert bifair["cv_change"] == pytest.approx(0.4 / 0.8 - 1)
    assert bifair["ndcg_change"] == pytest.approx(0)
    assert "limit of epochs" not in found.note


def test_trainings_that_the_limit_ended_are_counted() -> None:
    found = table(
        run("alpharec", 0, 10, 30), run("alpharec", 1, 10, 59),
        run("bifair", 0, 10, 60), run("bifair", 1, 10, 20), run("ease", 0, 10, 1, limit=1),
    )  # fmt: skip
    assert "Ended by the limit of epochs, with perhaps more to learn: bifair 1 of 2 runs." in found.note
    assert [row["at_limit"] for row in found.data] == [0, 1, 0]


def test_nothing_timed_has_no_price() -> None:
    assert price_section(STUDY, Records("s", "default", {}, ())) is None

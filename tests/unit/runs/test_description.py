"""What a run says of itself: through the tracker, from its beginning, and with the result at its end."""

import pytest

from harness.runs.carry_out import carry_out
from harness.runs.context import Context
from harness.runs.description import NOTE_TAG, UNFINISHED, result_of
from harness.runs.run import run
from harness.spec.build import build_spec
from harness.spec.command_line import command_of
from harness.spec.run_spec import RunSpec
from harness.track.memory import MemoryTracker


def asked(**options: object) -> RunSpec:
    return build_spec(
        {
            "method": "mf",
            "dataset": "long-tail",
            "dataset_options": {"n_users": 80, "n_items": 60, "n_groups": 3},
            "training": {"max_epochs": 1},
            "evaluation": {"ks": [5], "headline_k": 5, "origins": False},
            **options,
        }
    )


def test_a_finished_run_says_what_it_is_what_it_reached_and_how_to_make_it_again() -> None:
    tracker, spec = MemoryTracker(), asked()
    done = run(spec, Context(tracker, keep_models=False))
    note = tracker.runs[done.id].tags[NOTE_TAG]
    assert note.startswith("**mf** on **long-tail**, trained on ")
    assert f"On test data: NDCG@5 {done.metrics['test/ndcg_at_5']:.4f}, CV@5 of {spec.group} " in note
    assert f"```\n{command_of(spec)}\n```" in note


def test_a_run_that_only_selects_speaks_of_validation_data() -> None:
    tracker = MemoryTracker()
    done = carry_out(asked(), Context(tracker), touch_test=False)
    note = tracker.runs[done.id].tags[NOTE_TAG]
    assert f"On validation data: NDCG@5 {done.metrics['validation/ndcg_at_5']:.4f}, " in note
    assert "test" not in note


def test_a_run_that_does_not_come_to_its_end_has_no_result() -> None:
    def stop(number: int, ndcg: float) -> None:
        raise RuntimeError("enough")

    tracker = MemoryTracker()
    with pytest.raises(RuntimeError, match="enough"):
        carry_out(asked(), Context(tracker), on_epoch=stop)
    (failed,) = tracker.runs.values()
    assert failed.status == "FAILED"
    assert UNFINISHED in failed.tags[NOTE_TAG]


def test_metrics_without_a_value_are_left_out() -> None:
    metrics = {"test/ndcg_at_5": 0.25, "best_epoch": 2.0, "epochs": 3.0}
    assert result_of(asked(), metrics) == "On test data: NDCG@5 0.2500; epoch 2 of 3 was kept."

"""No call of MLflow's client is silent for long, and nothing that it says has the password in it."""

import time
from pathlib import Path
from typing import Any

import pytest

from harness.base.errors import HarnessError
from harness.track.mlflow_tracker import MlflowTracker
from harness.track.uri import resolve_uri

SILENCE_SECONDS = 10.0


@pytest.fixture
def tracker(proxy: Any) -> MlflowTracker:
    return MlflowTracker(resolve_uri(proxy.address))


def test_the_lines_that_mlflow_prints_at_the_end_of_a_run_are_not_shown(
    tracker: MlflowTracker, capfd: pytest.CaptureFixture[str]
) -> None:
    with tracker.start("quiet", {}, {}) as run:
        run.log_metrics({"loss": 1.0}, 1)
    assert tracker.finished(run.id).metrics == {"loss": 1.0}
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("fault", [500, 401, "drop", 30.0])
def test_a_call_ends_within_seconds_and_hides_the_password(
    proxy: Any, tracker: MlflowTracker, tmp_path: Path, fault: Any
) -> None:
    (tmp_path / "table.csv").write_text("a\n")
    run = tracker.start("bounded", {}, {})
    proxy.fault = lambda method, path: fault
    began = time.monotonic()
    with pytest.raises(HarnessError) as caught:
        run.log_artifacts(tmp_path)
    assert time.monotonic() - began < SILENCE_SECONDS
    assert "me:***@127.0.0.1" in str(caught.value)
    assert "s3cret" not in str(caught.value)
    if fault != 30.0:
        with pytest.raises(HarnessError) as caught:
            tracker.artifact(run.id, "table.csv")
        assert "s3cret" not in str(caught.value)

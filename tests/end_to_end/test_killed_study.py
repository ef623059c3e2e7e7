"""A study that is killed at any moment and started again ends like one that was left in peace."""

import random
import sys
from collections.abc import Callable
from typing import Any

import pytest


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGKILL")
def test_nothing_is_lost_nothing_is_there_twice_and_the_report_is_the_same(tuned_study: Callable[..., Any]) -> None:
    undisturbed, killed = studies = [tuned_study(name, seeds=[0, 1]) for name in ("undisturbed", "killed")]
    undisturbed.finish()
    moments = random.Random(7)
    for lines in (0, 1, 2, 1, 3):  # in the first start, among trials, between tuning and runs, among runs
        killed.kill_after(lines, moments.uniform(0.0, 1.5))
    killed.finish()

    for study in studies:
        asked = [(run.tags["spec"], run.tags["evaluated"]) for run in study.runs()]
        assert len(asked) == len(set(asked)), "no run is there twice"
        assert {run.status for run in study.runs()} == {"FINISHED"}
    left, right = (study.records() for study in studies)
    assert left == right
    assert len(left) == 2 * 3 + 2 + 2 * 2
    assert undisturbed.report == killed.report

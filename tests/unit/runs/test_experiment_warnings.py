"""What preparing a run warns of."""

import io
from pathlib import Path

import pytest

from harness.console.plain import PlainConsole
from harness.runs.context import Context
from harness.runs.experiment import prepare
from harness.spec.build import build_spec


@pytest.mark.parametrize("smallest", [1, 1000])
def test_a_grouping_with_one_group_has_nothing_to_be_fair_to(
    smallest: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path))
    spec = build_spec(
        {
            "method": "most_popular",
            "dataset": "long-tail",
            "dataset_options": {"n_users": 200, "n_items": 100, "n_groups": 5},
            "data": {"core": 1},
            "groupings": {"genre": {"min_items": smallest}},
        }
    )
    heard = io.StringIO()
    experiment = prepare(spec, Context(observer=PlainConsole(heard), offline=True), encode=False)
    warned = [
        line for line in heard.getvalue().splitlines() if line.startswith("warning: genre has the one group 'other'")
    ]
    alone = smallest == 1000
    assert (len(experiment.definitions[0].membership.names) == 1) is alone
    assert len(warned) == alone

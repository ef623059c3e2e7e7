"""What preparing a run warns of."""

from pathlib import Path

import pytest

from harness.console import Observer
from harness.experiment import prepare
from harness.overrides import build_spec


class Listening(Observer):
    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


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
    heard = Listening()
    experiment = prepare(spec, observer=heard, offline=True, encode=False)
    warned = [line for line in heard.lines if line.startswith("warning: genre has the one group 'other'")]
    alone = smallest == 1000
    assert (len(experiment.definitions[0].membership.names) == 1) is alone
    assert len(warned) == alone

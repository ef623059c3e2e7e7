"""The other process of the contract of methods: one failure is told and is not the end, and nobody's plug-ins stay."""

from pathlib import Path
from typing import Any

import pytest
import torch
from harness.methods.mf import MF

from harness.testing.problem import N_USERS, toy_problem
from harness.testing.resumed_process import scores_of_resumed
from harness.training.checkpoint import Checkpoint
from harness.training.fit import EarlyStopping, Progress

FORGETFUL = """
from harness.methods.mf import MF

PREPARED = []


class Forgetful(MF):
    name = "forgetful"

    def resume(self, state):
        assert PREPARED, "what was prepared in the first process is not known here"
"""


def trained() -> MF:
    method = MF(MF.Config(dim=8))
    method.prepare(toy_problem(0, text=False))
    method.train_epoch()
    return method


@pytest.fixture
def asked(tmp_path: Path) -> dict[str, Any]:
    path = tmp_path / "half.checkpoint"
    path.write_bytes(Checkpoint({}, trained().training_state(), Progress(EarlyStopping(1))).encoded())
    problem = {"seed": 0, "text": False}
    return {
        "method": "mf",
        "config": {"dim": 8},
        "problem": problem,
        "plugins": [],
        "checkpoint": str(path),
        "epochs": 1,
    }


def test_it_trains_on_to_the_bit_after_a_failure_of_another(asked: dict[str, Any], tmp_path: Path) -> None:
    plugin = tmp_path / "forgetful.py"
    plugin.write_text(FORGETFUL)
    with pytest.raises(AssertionError, match="is not known here"):
        scores_of_resumed({**asked, "method": "forgetful", "plugins": [str(plugin)]})
    with pytest.raises(AssertionError, match="unknown method 'forgetful'"):
        scores_of_resumed({**asked, "method": "forgetful"})
    whole = trained()
    whole.train_epoch()
    assert torch.equal(scores_of_resumed(asked), whole.score(torch.arange(N_USERS)))


def test_one_that_ends_is_followed_by_another(asked: dict[str, Any], tmp_path: Path) -> None:
    plugin = tmp_path / "ending.py"
    plugin.write_text("import os\nos._exit(3)\n")
    with pytest.raises(AssertionError, match="the process has ended with code 3"):
        scores_of_resumed({**asked, "plugins": [str(plugin)]})
    assert scores_of_resumed(asked).shape[0] == N_USERS

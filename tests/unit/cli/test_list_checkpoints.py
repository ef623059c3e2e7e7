"""``harness list checkpoints``."""

from pathlib import Path

import pytest

from harness.base import paths
from harness.base.changing import ChangedState
from harness.cli.app import main
from harness.runs.checkpoint_files import CheckpointFile
from harness.training.checkpoint import Checkpoint
from harness.training.fit import EarlyStopping, Progress


def test_they_are_shown_then_removed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths.choose_home(tmp_path)
    about = {"identity": {}, "title": "mf on toys", "run": "r1"}
    file = CheckpointFile("s", {})
    file.write(Checkpoint(about, ChangedState(), Progress(EarlyStopping(1))).encoded())
    listing = ["list", "checkpoints", "--home", str(tmp_path)]
    assert main(listing) == 0
    assert "mf on toys  after epoch 0" in capsys.readouterr().out
    assert main([*listing, "--clear"]) == 0
    assert capsys.readouterr().out.startswith("checkpoints removed: 1")
    assert not file.path.exists()
    assert main(listing) == 0
    assert capsys.readouterr().out == "no checkpoints\n"


def test_nothing_else_can_be_cleared(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["list", "methods", "--clear"]) == 2
    assert "harness list checkpoints --clear" in capsys.readouterr().err

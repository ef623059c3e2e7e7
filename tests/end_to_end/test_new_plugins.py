"""What ``harness plugin new`` writes works as it is: its tests pass, and runs use it."""

import subprocess
import sys
from pathlib import Path

import pytest

from harness.plugins.registry import KINDS
from harness.testing.scaffold import write_plugin

HARNESS = "import sys; from harness.cli.app import main; sys.exit(main(sys.argv[1:]))"


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a plug-in of every kind."""
    folder = tmp_path_factory.mktemp("written")
    for kind in KINDS:
        write_plugin(kind, f"my_{kind}", folder)
    return folder


def run(written: Path, home: Path, kinds: str, *arguments: str) -> str:
    """What a run with the plug-ins of ``kinds`` prints, as one line; in a process of its own, where they stay."""
    files = [part for kind in kinds.split() for part in ("--plugin", str(written / f"my_{kind}.py"))]
    given = ["--home", str(home), "--tracking-uri", "none", "--threads", "1", "--plain"]
    command = [sys.executable, "-P", "-c", HARNESS, "run", *files, *arguments, *given]
    done = subprocess.run(command, capture_output=True, text=True, cwd=home, timeout=300)
    assert done.returncode == 0, done.stderr
    return " ".join(done.stdout.split())


def test_what_is_written_passes_its_contract(written: Path) -> None:
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(written)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=written, timeout=300)
    assert done.returncode == 0, done.stdout
    for kind in KINDS:
        assert (written / f"test_my_{kind}.py").is_file()
    assert "no tests ran" not in done.stdout


def test_method_grouping_metric_data_set_and_reranker_make_a_run(written: Path, tmp_path: Path) -> None:
    said = run(
        *(written, tmp_path, "method grouping metric dataset reranker"),
        *("--method", "my_method", "--dataset", "my-dataset", "--group", "my_grouping"),
        *("--set", "rerank.name=my_reranker", "--set", "evaluation.origins=false"),
    )
    assert "my_method + my_reranker on my-dataset, trained on my_grouping groups" in said
    for row in ("my_metric", "my_grouping (trained) cv", "short", "long"):
        assert row in said


def test_balancer_and_encoder_take_part_in_training(written: Path, tmp_path: Path) -> None:
    said = run(
        *(written, tmp_path, "balancer encoder dataset"),
        *("--method", "bifair", "--dataset", "my-dataset", "--encoder", "my-encoder"),
        *(
            "--set",
            "config.balancer=my_balancer",
            "--set",
            "config.balancer_options.kappa=2",
            "--set",
            "training.max_epochs=1",
            "--set",
            "evaluation.origins=false",
        ),
    )
    assert "encoder: my-encoder" in said
    assert "epoch 1/1" in said

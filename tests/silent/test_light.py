"""What is refused or listed imports none of the libraries that take seconds: in a fresh process they are not there."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("torch", "mlflow", "scipy", "pandas", "polars", "optuna", "sklearn", "sentence_transformers", "matplotlib")
CHILD = f"""
import json, sys
from harness.cli.app import main
code = main(sys.argv[1:])
print(json.dumps([code, [name for name in {HEAVY} if name in sys.modules]]))
"""


def carried_out(home: Path, *arguments: str) -> tuple[int, list[str]]:
    """The exit code of a command, and which of the heavy libraries it has imported."""
    command = [sys.executable, "-P", "-c", CHILD, *arguments, "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    code, imported = json.loads(done.stdout.splitlines()[-1])
    return code, imported


@pytest.mark.parametrize(
    "kind", [[], ["methods"], ["datasets"], ["groupings"], ["balancers"], ["metrics"], ["studies"]]
)
def test_lists(kind: list[str], tmp_path: Path) -> None:
    assert carried_out(tmp_path, "list", *kind) == (0, [])


@pytest.mark.parametrize(
    "wrong",
    [
        ["--method", "bifari"],
        ["--dataset", "movielens-100"],
        ["--group", "gener"],
        ["--set", "config.etaa=0.1"],
        ["--set", "config.eta=much"],
        ["--set", "trainning.max_epochs=1"],
        ["--set", "config.balancer=mgdaa"],
        ["--study", "mian"],
        ["--epochs", "3"],
    ],
)
def test_refusals(wrong: list[str], tmp_path: Path) -> None:
    assert carried_out(tmp_path, "run", *wrong) == (2, [])


def test_the_doctor(tmp_path: Path) -> None:
    (tmp_path / "cache").mkdir()
    first, again = (carried_out(tmp_path, "doctor", "--tracking-uri", "none") for _ in range(2))
    assert again[1] == []
    assert first[1] == ["torch"]  # how many threads it has is asked once


def test_a_run_on_record_is_shown(tmp_path: Path) -> None:
    asked = ["run", "--method", "most_popular", "--dataset", "long-tail", "--group", "popularity"]
    assert carried_out(tmp_path, *asked)[0] == 0
    assert carried_out(tmp_path, *asked) == (0, [])
    assert carried_out(tmp_path, *asked, "--json") == (0, [])


def test_a_spec_has_its_digest_without_them() -> None:
    child = "import sys; import harness as h; print(h.build_spec({}).digest, 'torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", child], capture_output=True, text=True, check=True)
    digest, imported = done.stdout.split()
    assert (len(digest), imported) == (16, "False")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a pseudo-terminal")
def test_a_terminal_shows_at_once_that_something_is_under_way(tmp_path: Path) -> None:
    """And what is said next takes its place; a pipe gets nothing of it."""
    arguments = ["run", "--method", "nobody", "--home", str(tmp_path)]
    code = "import sys; from harness.cli.app import main; sys.exit(main())"
    terminal, other_end = os.openpty()
    done = subprocess.run(
        [sys.executable, "-P", "-c", code, *arguments], stdout=other_end, stderr=subprocess.PIPE, text=True, check=False
    )
    os.close(other_end)
    assert os.read(terminal, 100) == b"starting ...\r"
    os.close(terminal)
    assert done.stderr.startswith("error: unknown method 'nobody'")
    piped = subprocess.run([sys.executable, "-P", "-c", code, *arguments], capture_output=True, text=True, check=False)
    assert piped.stdout == ""

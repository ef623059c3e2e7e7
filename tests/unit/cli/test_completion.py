"""Completion, as shells ask for it: by variables in the environment, and in a real bash."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.plugins.registry import registry
from harness.track import open_tracker

PROGRAM = "import sys; from harness.cli.app import main; sys.exit(main())"


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """The command as a shell finds it, with a home of its own."""
    file = tmp_path / "bin" / "harness"
    file.parent.mkdir()
    file.write_text(f"#!/bin/sh\nexec '{sys.executable}' -c '{PROGRAM}' \"$@\"\n")
    file.chmod(0o755)
    return file


def environment(command: Path, **variables: str) -> dict[str, str]:
    path = f"{command.parent}{os.pathsep}{os.environ['PATH']}"
    rest = {key: value for key, value in os.environ.items() if key != "MLFLOW_TRACKING_URI"}
    return {**rest, "PATH": path, "HARNESS_HOME": str(command.parents[1] / "home"), **variables}


def said(command: Path, variables: Mapping[str, str], code: int = 0) -> str:
    done = subprocess.run(
        [command], env=environment(command, **variables), capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (code, "")
    return done.stdout


def in_bash(command: Path, *words: str) -> list[str]:
    asked = {"COMP_WORDS": " ".join(["harness", *words]), "COMP_CWORD": str(len(words))}
    return said(command, {**asked, "_HARNESS_COMPLETE": "complete_bash"}).split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("run", "--method", "bi"), "bifair"),
        (("run", "--dataset", "long"), "long-tail"),
        (("run", "--group", "pop"), "popularity"),
        (("run", "--encoder", "tfidf"), "tfidf-svd"),
        (("run", "--study", "sens"), "sensitivity"),
        (("run", "--budget", "sm"), "smoke"),
        (("run", "--method", "bifair", "--set", "config.et"), "config.eta=0.001"),
        (("evaluate", "last", "--fairness", "pop"), "popularity"),
        (("report", "sens"), "sensitivity"),
        (("list", "meth"), "methods"),
        (("data", "audit", "long"), "long-tail"),
        (("plugin", "new", "enc"), "encoder"),
        (("run", "--encod"), "--encoder"),
        (("exp",), "export export-vectors"),
    ],
    ids=lambda given: given if isinstance(given, str) else " ".join(given),
)
def test_what_bash_is_offered(command: Path, words: tuple[str, ...], offered: str) -> None:
    assert sorted(in_bash(command, *words)) == offered.split()


def test_all_names_of_a_kind(command: Path) -> None:
    assert in_bash(command, "run", "--method", "") == registry.names("method")


def test_plug_ins_of_ones_own_are_offered_after_their_file(command: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.py"
    file.write_text("from harness.methods.random import Random\n\n\nclass Mine(Random):\n    name = 'mine'\n")
    assert in_bash(command, "run", "--plugin", str(file), "--method", "mi") == ["mine"]


def test_runs_by_the_beginning_of_their_ids(command: Path, tmp_path: Path) -> None:
    store = f"sqlite:///{tmp_path}/runs.db"
    tracker = open_tracker(store)
    measured, selecting = (tracker.start(f"run {split}", {}, {"evaluated": split}) for split in ("test", "validation"))
    for run in (measured, selecting):
        run.end("FINISHED")
    assert in_bash(command, "compare", "--tracking-uri", store, "") == ["last", measured.id]
    assert in_bash(command, "evaluate", "--tracking-uri", store, measured.id[:5]) == [measured.id]
    assert in_bash(command, "evaluate", "--tracking-uri", store, selecting.id) == []
    fish = {"_TYPER_COMPLETE_ARGS": f"harness compare --tracking-uri {store} {measured.id[:5]}"}
    fish |= {"_HARNESS_COMPLETE": "complete_fish", "_TYPER_COMPLETE_FISH_ACTION": "get-args"}
    assert said(command, fish) == f"{measured.id}\trun test\n"


@pytest.mark.parametrize("store", ["none", "sqlite:////no/such/runs.db", "http://127.0.0.1:9", "./mlruns"])
def test_a_store_that_cannot_be_read_offers_nothing_and_says_nothing(command: Path, store: str) -> None:
    assert in_bash(command, "compare", "--tracking-uri", store, "a") == []
    assert not (command.parents[1] / "home").exists()


def test_zsh_and_fish_are_told_what_options_mean(command: Path) -> None:
    asked = {"_TYPER_COMPLETE_ARGS": "harness run --quie"}
    zsh = said(command, {**asked, "_HARNESS_COMPLETE": "complete_zsh"})
    assert zsh.startswith("""_arguments '*: :(("--quiet":"Nothing but warnings""")
    fish = {**asked, "_HARNESS_COMPLETE": "complete_fish"}
    assert said(command, {**fish, "_TYPER_COMPLETE_FISH_ACTION": "get-args"}).startswith(
        "--quiet\tNothing but warnings"
    )
    assert said(command, {**fish, "_TYPER_COMPLETE_FISH_ACTION": "is-args"}) == ""
    files = {**fish, "_TYPER_COMPLETE_ARGS": "harness run --spec x", "_TYPER_COMPLETE_FISH_ACTION": "is-args"}
    assert said(command, files, code=1) == "", "fish completes the names of files itself"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell(command: Path, shell: str) -> None:
    assert f"_HARNESS_COMPLETE=complete_{shell}" in said(command, {"_HARNESS_COMPLETE": f"source_{shell}"})


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash")
def test_a_real_bash_completes(command: Path) -> None:
    typed = (
        'eval "$(_HARNESS_COMPLETE=source_bash harness)"; COMP_WORDS=(harness run --method sep); COMP_CWORD=3\n'
        '"$(complete -p harness | sed "s/.*-F \\([^ ]*\\) .*/\\1/")" harness; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", typed],
        env=environment(command),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("separate\n", "")


@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish")
def test_a_real_fish_completes(command: Path) -> None:
    typed = '_HARNESS_COMPLETE=source_fish harness | source; complete -C "harness run --method sep"'
    fish = ["fish", "--private", "-c", typed]
    done = subprocess.run(fish, env=environment(command), capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == ("separate\n", "")


def test_completing_needs_no_heavy_library(command: Path) -> None:
    program = (
        "import os, sys, atexit\n"
        "heavy = {'torch', 'mlflow', 'polars', 'pandas', 'numpy', 'optuna', 'sentence_transformers', 'rich'}\n"
        "atexit.register(lambda: print('loaded:', sorted(heavy & set(sys.modules))))\n"
        "from harness.cli.app import main\n"
        "main()\n"
    )
    asked = {"COMP_WORDS": "harness run --method bifair --group g", "COMP_CWORD": "5"}
    variables = environment(command, **asked, _HARNESS_COMPLETE="complete_bash")
    done = subprocess.run([sys.executable, "-c", program], env=variables, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["gender", "genre", "loaded: []"]

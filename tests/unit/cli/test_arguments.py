"""What no command line can mean: blank values, names with a NUL, a working directory that has gone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from harness.cli.app import main

CODE = "import os, sys; os.rmdir(os.getcwd()); from harness.cli.app import main; sys.exit(main())"


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory, and no home but the one that is asked for."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    return folder


@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (["list", "methods", "--home", ""], "error: --home: a value is needed, not ''"),
        (["run", "--home="], "error: --home: a value is needed, not ''"),
        (["run", "--home", "  "], "error: --home: a value is needed, not ' '"),
        (["run", "--tracking-uri", ""], "error: --tracking-uri: a value is needed, not ''"),
        (["run", "--study", "main", "--storage", " "], "error: --storage: a value is needed, not ' '"),
        (["run", "--study", "main", "--archive", ""], "error: --archive: a value is needed, not ''"),
        (["run", "--spec", ""], "error: --spec: a value is needed, not ''"),
        (["run", "--data", "\t"], r"error: --data: a value is needed, not '\t'"),
        (["run", "--plugin", ""], "error: --plugin: a value is needed, not ''"),
        (["run", "--dataset", ""], "error: --dataset: a value is needed, not ''"),
        (["report", "main", "--to", ""], "error: --to: a value is needed, not ''"),
        (["export", "main", "--to="], "error: --to: a value is needed, not ''"),
        (["results", ""], "error: an argument: a value is needed, not ''"),
        (["data", "export", "long-tail", ""], "error: an argument: a value is needed, not ''"),
        (["data", "audit", "long-tail", "--plot", ""], "error: --plot: a value is needed, not ''"),
        (["plugin", "new", "method", "mine", "--folder", ""], "error: --folder: a value is needed, not ''"),
        (["run", "--home", "a\0b"], r"error: 'a\x00b': no name has the character NUL in it"),
        (["run", "--home", "~no-such-user/x"], "there is no user called no-such-user"),
        (["run", "--plugin", "~no-such-user/x.py"], "there is no user called no-such-user"),
        (["run", "--data", "~no-such-user/x"], "there is no user called no-such-user"),
        (["run", "--study", "main", "--storage", "sqlite://"], "name a database file"),
        (["run", "--tracking-uri", "sqlite:///x.db?timeout=3"], "options are not taken: leave ?timeout=3 out"),
    ],
)
def test_one_line_and_nothing_written(
    here: Path, capsys: pytest.CaptureFixture[str], arguments: list[str], line: str
) -> None:
    assert main(arguments) == 2
    said = capsys.readouterr()
    assert line in said.err
    assert said.err.count("\n") == 1
    assert list(here.iterdir()) == []


@pytest.mark.parametrize(("variable", "code"), [("", 0), ("  ", 2)])
def test_an_empty_variable_is_not_set_and_a_blank_one_names_nothing(
    here: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    variable: str,
    code: int,
) -> None:
    monkeypatch.setenv("HARNESS_HOME", variable)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    assert main(["list", "checkpoints"]) == code
    assert ("HARNESS_HOME: ' ' is no name of a file or folder" in capsys.readouterr().err) == (code == 2)
    assert list(here.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="a directory that is used cannot be removed")
@pytest.mark.parametrize("command", ["run", "list", "doctor"])
def test_a_working_directory_that_has_gone(tmp_path: Path, command: str) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        [sys.executable, "-P", "-c", CODE, command],
        cwd=gone,
        env={**os.environ, "HARNESS_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == (
        "error: the working directory is not there any more (No such file or directory): change into another\n"
    )

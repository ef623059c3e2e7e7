"""Commands that are given bad input, in this process: what they say, how they end, and what they leave behind."""

import os
import random
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.base import paths
from harness.cli.app import main

UNEXPECTED = "this is a fault of the harness"
REFUSED_IN_THE_END = ["--device", "cuda:77"]
"""Ends a run that is valid in all else, after everything has been looked at and before anything has been made."""

BAD_VALUES: list[Any] = [
    *(True, False, None, "", "5", "true", "nan", "a\0b", "two\nlines", "ü" * 300, "\ud800", "../..", "{x}", "{"),
    *(0, -1, 2, 2**31, 2**63 - 1, 2**63, 10**30, -(2**70)),
    *(0.0, -0.0, 2.0, 2.5, 1e23, 1e300, -1e300, 1e-300, 5e-324, float("nan"), float("inf"), float("-inf")),
    *([], [1], [[]], ["a", "a"], [float("nan")], [1e-300, 0.5, 0.5], {}, {"a": 1}, {"": {}}, {"name": "none"}),
]


@dataclass(frozen=True)
class Attempt:
    """What became of a command: its exit code, what it wrote, and what has changed on the disk."""

    arguments: list[str]
    code: int
    out: str
    err: str
    changed: list[str]

    def faults(self, codes: tuple[int, ...] = (2,)) -> list[str]:
        """What is wrong with how it ended: with one of ``codes``, one line where it is no success, no traces."""
        found = [] if self.code in codes else [f"exit code {self.code}"]
        lines = self.err.splitlines()
        if self.code and (len(lines) != 1 or not self.err.startswith("error: ")):
            found.append("not one line")
        found += [word for word in (UNEXPECTED, "Traceback") if word in self.err]
        found += [f"left behind: {path}" for path in self.changed]
        return [f"{what}: {self.arguments}: {self.err[:300]}" for what in found]


@pytest.fixture
def attempt(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., Attempt]:
    """``attempt(*arguments)``: the command in an empty working directory, with a home that is not there."""
    place = tmp_path / "place"
    (place / "here").mkdir(parents=True)
    monkeypatch.chdir(place / "here")
    monkeypatch.setenv(paths.HOME_VARIABLE, str(place / "home"))
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    monkeypatch.delenv("HARNESS_DEBUG", raising=False)

    def _attempt(*arguments: str) -> Attempt:
        paths.choose_home(None)
        os.environ[paths.HOME_VARIABLE] = str(place / "home")
        before = _state(place)
        capsys.readouterr()
        code = main(arguments)
        said = capsys.readouterr()
        after = _state(place)
        changed = sorted(str(path) for path in before.keys() | after.keys() if before.get(path) != after.get(path))
        return Attempt(list(arguments), code, said.out, said.err, changed)

    return _attempt


def _state(folder: Path) -> dict[Path, tuple[int, int] | None]:
    """Size and time of every file below; folders are there or are not."""
    found = {path: path.lstat() for path in folder.rglob("*")}
    return {path: None if path.is_dir() else (stat.st_size, stat.st_mtime_ns) for path, stat in found.items()}


@pytest.fixture
def dice() -> random.Random:
    """The same ones in every session."""
    return random.Random(15)


def toml(value: Any) -> str:
    """A value in TOML, which has no ``None``: text then."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{_quoted(str(key))} = {toml(part)}" for key, part in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(toml, value)) + "]"
    if isinstance(value, float):
        return repr(value)  # nan and inf are TOML's, too
    return str(value) if isinstance(value, int) else _quoted(str(value))


def _quoted(text: str) -> str:
    plain = {"\\": "\\\\", '"': '\\"'}
    return '"' + "".join(plain.get(sign, sign if sign.isprintable() else f"\\u{ord(sign):04x}") for sign in text) + '"'

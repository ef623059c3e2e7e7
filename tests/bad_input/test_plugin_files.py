"""Plug-in files with something wrong in them, which is said with the file's name, and breaks nothing else."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.plugins.registry import KINDS, registry
from harness.testing.scaffold import write_plugin

from .conftest import REFUSED_IN_THE_END, Attempt

CODE = [kind.name for kind in KINDS.values() if kind.is_code]
LINES = [
    *(
        "raise ValueError('no\\nuse')",
        "raise SystemExit",
        "raise SystemExit(0)",
        "import nothing_like_it",
        "1 / 0",
        "x =",
    ),
    *(
        "def f(:",
        "\tpass",
        "'''",
        "assert False",
        "raise RecursionError",
        "f = lambda: f()\nf()",
        "class X(Nope): pass",
    ),
    *(
        "import sys; sys.exit('bye')",
        "raise Exception(chr(0))",
        "\0",
        "# -*- coding: nope -*-",
        "raise OSError(2, 'gone')",
    ),
    *("raise ExceptionGroup('two', [ValueError(), KeyError()])", "__slots__ = 5", "del name", "raise MemoryError"),
]
"""Put in somewhere."""
MEMBERS = [
    *("name = 5", "name = ''", "name = 'bifair'", "name = 'a b\\nc'", "name = None", "summary = 5", "Config = 5"),
    *(
        "Config = dict",
        "Config = Frozen",
        "Config = None",
        "reference = 1",
        "search_space = 5",
        "search_space = {1: 2}",
    ),
    *("needs_text = 'no'", "iterative = 7", "better = 'sideways'", "utility = 'fun'", "disparities = 5", "side = 'x'"),
    *(
        "disparities = ('nope',)",
        "requires = 5",
        "card = 5",
        "batch = 'x'",
        "min_test = 'x'",
        "changes = 5",
        "def __init__(self): 1 / 0",
    ),
    *(
        "def __init_subclass__(cls): 1 / 0",
        "def uses(cls, config): 1 / 0",
        "__abstractmethods__ = {'x'}",
        "name = 'x' * 300",
        "card = {'title': 't'}",
    ),
]
"""Put into the class, after what its author has written."""


def files_of(kind: str, folder: Path) -> str:
    return write_plugin(kind, "mine", folder).file.read_text()


def broken(text: str, dice: random.Random) -> str:
    """One thing changed."""
    lines = text.splitlines()
    how = dice.choice(["line", "line", "gone", "cut", "member", "member", "member", "renamed"])
    place = dice.randrange(len(lines))
    if how == "line":
        lines.insert(place, dice.choice(LINES))
    elif how == "gone":
        del lines[place]
    elif how == "cut":
        lines = lines[:place]
    elif how == "member":
        lines += [f"    {dice.choice(MEMBERS)}"]
    else:
        words = [word for word in text.replace("(", " ").replace(":", " ").split() if word.isidentifier()]
        return text.replace(dice.choice(words), "nope")
    return "\n".join(lines) + "\n"


USES: dict[str, list[str]] = {
    "method": ["--method", "mine"],
    "dataset": ["--dataset", "mine"],
    "grouping": ["--group", "mine"],
    "encoder": ["--encoder", "mine"],
    "balancer": ["--set", "config.balancer=mine"],
    "reranker": ["--set", "rerank.name=mine"],
    "metric": ["--set", 'evaluation.metrics=["mine"]'],
    "disparity": [],
}


@pytest.mark.parametrize("kind", CODE)
@pytest.mark.parametrize("number", [20, pytest.param(300, marks=pytest.mark.faults)])
def test_broken(
    kind: str, number: int, attempt: Callable[..., Attempt], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(f"{kind} {number}")
    monkeypatch.syspath_prepend(str(tmp_path))
    whole = files_of(kind, tmp_path / "whole")
    faults: list[Any] = []
    for count in range(number):
        file = tmp_path / f"broken_{count}.py"
        file.write_text(broken(whole, dice), encoding="utf-8", errors="surrogatepass")
        for command in (["run", *USES[kind], *REFUSED_IN_THE_END], ["list", "rerankers"]):
            with registry.afresh():
                found = attempt(*command, "--plugin", str(file))
            faults += [f"{fault}\n{file.read_text()}" for fault in found.faults((2,) if command[0] == "run" else (0,))]
    assert not faults, "\n\n".join(faults)


@pytest.mark.parametrize("kind", CODE)
def test_whole(kind: str, attempt: Callable[..., Attempt], tmp_path: Path) -> None:
    """What the mutations begin with has nothing wrong with it."""
    files_of(kind, tmp_path)
    with registry.afresh():
        found = attempt("run", *USES[kind], *REFUSED_IN_THE_END, "--plugin", str(tmp_path / "mine.py"))
    assert "compute.device=cuda:77" in found.err

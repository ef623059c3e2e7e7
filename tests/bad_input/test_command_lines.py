"""Every option of every command with values that are none for it, and ``--set`` with anything."""

import random
from collections.abc import Callable, Iterator

import pytest
from typer.main import get_command

from harness.cli.app import app

from .conftest import REFUSED_IN_THE_END, Attempt

BAD_TEXTS = [
    *(
        "",
        " ",
        "nope",
        "a b",
        "two\nlines",
        "-1",
        "0",
        "1e9",
        "99999999999999999999",
        "true",
        "nan",
        "inf",
        "☃",
        "\udcff",
    ),
    *("/proc/x", "/etc/passwd", "/etc/passwd/below", "a" * 300, "..", "~nobody", "file:///x", "sqlite://", "http://"),
    *(
        "http://[",
        "sqlite:///:memory:",
        "postgresql://a:b:c@@/",
        "none://x",
        "x.toml",
        "x.py",
        "x.csv",
        "{}",
        "[[",
        "=",
        "--",
    ),
]
HARMLESS: dict[str, list[str]] = {
    "run": ["run", "--tracking-uri", "none", *REFUSED_IN_THE_END],
    "evaluate": ["evaluate", "nope", "--fairness", "genre"],
    "compare": ["compare", "nope", "nopes"],
    "recommend": ["recommend", "nope", "--user", "1"],
    "export-vectors": ["export-vectors", "nope", "--to", "there.csv"],
    "report": ["report", "nope"],
    "export": ["export", "nope", "--to", "there"],
    "results make": ["results", "nowhere"],
    "results verify": ["results", "verify", "nowhere"],
    "results add": ["results", "add", "nowhere"],
    "list": ["list", "rerankers"],
    "cluster check": ["cluster", "check", "--cluster", "nope", "--tracking-uri", "none"],
    "sync": ["sync", "--tracking-uri", "none"],
    "ui": ["ui", "--tracking-uri", "none"],
    "data fetch": ["data", "fetch", "nope"],
    "data add": ["data", "add", "nope.toml"],
    "data new": ["data", "new", "books", "nope.csv"],
    "data audit": ["data", "audit", "nope"],
    "data export": ["data", "export", "nope", "there"],
    "data list": ["data", "list"],
    "data show": ["data", "show", "long-tail"],
    "plugin new": ["plugin", "new", "method", "bifair"],
}
"""By command, arguments under which nothing is made, whatever is right with all else."""
ALONE = {"--help", "--version", "--debug"}


def options() -> Iterator[tuple[str, str, bool]]:
    """Command, option, and whether it takes a value."""

    def walk(command: object, path: tuple[str, ...]) -> Iterator[tuple[str, str, bool]]:
        for name, below in getattr(command, "commands", {}).items():
            yield from walk(below, (*path, name))
        if path and not hasattr(command, "commands"):
            for parameter in command.params:  # type: ignore[attr-defined]
                for flag in parameter.opts:
                    if flag.startswith("--") and flag not in ALONE:
                        yield " ".join(path), flag, not getattr(parameter, "is_flag", False)

    yield from walk(get_command(app), ())


def test_every_command_is_tried() -> None:
    assert {command for command, _, _ in options()} - {"doctor"} == {*HARMLESS}


def tried(number: int, dice: random.Random) -> Iterator[list[str]]:
    """So many command lines, each option at least once."""
    every = [(command, flag, text) for command, flag, takes in options() for text in (BAD_TEXTS if takes else [""])]
    every = [(command, flag, text) for command, flag, text in every if command in HARMLESS]
    seen = {(command, flag): (command, flag, text) for command, flag, text in dice.sample(every, len(every))}
    chosen = [*seen.values(), *dice.sample(every, max(0, min(number, len(every)) - len(seen)))]
    for command, flag, text in chosen:
        extra = [flag, text] if flag not in ("--clear", "--force") and text else [flag]
        yield [*HARMLESS[command], *extra]


def check(number: int, dice: random.Random, attempt: Callable[..., Attempt]) -> None:
    lines = [*tried(number, dice)]
    assert len(lines) >= min(number, 200)
    faults = [fault for line in lines for fault in attempt(*line).faults((0, 2))]
    assert not faults, "\n".join(faults)


def test_options(dice: random.Random, attempt: Callable[..., Attempt]) -> None:
    check(250, dice, attempt)


@pytest.mark.faults
def test_all_options(dice: random.Random, attempt: Callable[..., Attempt]) -> None:
    check(10**6, dice, attempt)


KEYS = [
    "config",
    "config.eta",
    "data.core",
    "training",
    "training.max_epochs",
    "evaluation.ks",
    "encoder.name",
    "x",
    "",
]
PIECES = [
    *"=.[]{}\"'\\,:-+eE0159 \n\t☃",
    "true",
    "null",
    "nan",
    "NaN",
    "Infinity",
    "1e999",
    "[" * 2000,
    "{" * 2000,
    ".a" * 2000,
]


def assignment(dice: random.Random) -> str:
    """Something that begins like an assignment, or not even that."""
    value = "".join(dice.choices(PIECES, k=dice.randint(0, 6)))
    return dice.choice([f"{dice.choice(KEYS)}={value}", f"{dice.choice(KEYS)}{value}", value])


def check_assignments(number: int, dice: random.Random, attempt: Callable[..., Attempt]) -> None:
    for _ in range(number):
        words = [word for _ in range(dice.randint(1, 2)) for word in ("--set", assignment(dice))]
        faults = attempt("run", "--tracking-uri", "none", *words, *REFUSED_IN_THE_END).faults()
        assert not faults, "\n".join(faults)


def test_assignments(dice: random.Random, attempt: Callable[..., Attempt]) -> None:
    check_assignments(150, dice, attempt)


@pytest.mark.faults
def test_more_assignments(dice: random.Random, attempt: Callable[..., Attempt]) -> None:
    check_assignments(3000, dice, attempt)

"""Study files with something wrong in them: wherever it is, it is found before anything is made."""

import copy
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import BAD_VALUES, REFUSED_IN_THE_END, Attempt, toml

BASE = {"dataset": "long-tail", "dataset_options.n_users": 60, "dataset_options.n_items": 60, "training.max_epochs": 1}
GRID: dict[str, Any] = {
    "summary": "two methods",
    "methods": ["plain", "joint", "random"],
    "base": BASE,
    "variants": {"plain": {"method": "joint", "set": {"config.loss": "erm"}, "search": ["eta"]}},
    "axes": {"data.core": [2, 3]},
    "points": [{"evaluation.users": 20}, {"evaluation.users": 30, "methods": ["joint"]}],
    "selections": ["best_ndcg", "fair_within:0.1"],
    "tuning": {"seed": 7, "each_seed": False, "prune": True},
    "metrics": {"test/{group}/cv_at_20": "CV", "seconds_per_epoch": "s"},
    "baseline": "random",
    "figures": [
        {"file": "f", "x": "data.core", "metrics": ["seconds_per_epoch"], "floors": {"seconds_per_epoch": 0.1}}
    ],
    "claims": [
        {"text": "fairer", "metric": "{group}/cv", "variant": "joint", "against": "plain", "comparable": 0.02},
        {"text": "elsewhere", "untestable": "not here"},
    ],
    "published": [{"source": "a paper", "dataset": "long-tail", "variant": "joint", "metric": "ndcg", "value": 0.2}],
    "budgets": {"default": {"seeds": [0, 1], "trials": 2, "set": {"training.patience": 3}}},
}
SEARCH: dict[str, Any] = {
    "summary": "one method",
    "methods": ["bifair"],
    "base": BASE,
    "space": {
        "config.eta": {"symbol": "η", "low": 1e-4, "high": 1e-2, "log": True},
        "config.T": {"low": 1, "high": 50, "integer": True},
        "config.xi": {"low": 1e-4, "high": 1e-2, "like": "config.learning_rate"},
        "config.gram": {"choices": ["factors", "theta"]},
    },
    "curves": {"config.gamma": [0.0, 0.5]},
    "symbols": {"config.gamma": "γ"},
    "objectives": {"ndcg": "maximize", "{group}/cv": "minimize"},
    "prune": True,
    "budgets": {"default": {"trials": 2, "seeds": [0]}},
}


def text_of(study: dict[str, Any]) -> str:
    return "\n".join(f"{toml(key)} = {toml(value)}" for key, value in study.items())


def places(tree: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of everything in a tree."""
    if path:
        yield path
    parts = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, part in parts:
        yield from places(part, (*path, key))


def mutated(study: dict[str, Any], dice: random.Random) -> dict[str, Any]:
    """The study with one thing changed: a value replaced, taken away, given twice, or a key misspelt."""
    tree = copy.deepcopy(study)
    *path, last = dice.choice([*places(tree)])
    place = tree
    for part in path:
        place = place[part]
    how = dice.choice(["replaced", "replaced", "replaced", "gone", "twice", "misspelt"])
    value = place[last]
    if how == "gone":
        del place[last]
    elif how == "misspelt" and isinstance(place, dict):
        place[last[:-1] if len(last) > 2 else f"{last}_"] = place.pop(last)
    elif how == "twice" and isinstance(place, list):
        place.append(copy.deepcopy(value))
    else:
        place[last] = dice.choice([other for other in BAD_VALUES if other != "\ud800"])
    return tree


def damaged(text: str, dice: random.Random) -> bytes:
    """The file cut, with bytes changed, or with something put in."""
    content = bytearray(text.encode())
    place = dice.randrange(len(content))
    how = dice.choice(["cut", "byte", "put"])
    if how == "cut":
        return bytes(content[:place])
    if how == "byte":
        content[place] = dice.randrange(256)
        return bytes(content)
    pieces = ["[" * 3000, "{a=" * 3000, "a = 1\n", "\n[base]\n", "\xff", "\0", "'''", '"', "= =", "\ufeff", ".b" * 3000]
    content[place:place] = dice.choice(pieces).encode(dice.choice(["utf-8", "utf-16"]))
    return bytes(content)


def check(contents: Iterator[bytes], attempt: Callable[..., Attempt], tmp_path: Path) -> None:
    """All of them are refused. Those that are valid after all come as far as the device, which is not there."""
    faults, file = [], tmp_path / "mutated.toml"
    for content in contents:
        file.write_bytes(content)
        found = attempt("run", "--study", str(file), "--storage", "sqlite:////nowhere/t.db", *REFUSED_IN_THE_END)
        faults += [f"{fault}\n{content.decode(errors='replace')[:3000]}" for fault in found.faults()]
    assert not faults, "\n\n".join(faults)


@pytest.mark.parametrize("study", [GRID, SEARCH], ids=["compares", "searches"])
def test_the_study_itself_is_valid(study: dict[str, Any], attempt: Callable[..., Attempt], tmp_path: Path) -> None:
    (tmp_path / "valid.toml").write_text(text_of(study))
    found = attempt("run", "--study", str(tmp_path / "valid.toml"), *REFUSED_IN_THE_END)
    assert not found.faults()
    assert "compute.device=cuda:77" in found.err


@pytest.mark.parametrize("study", [GRID, SEARCH], ids=["compares", "searches"])
@pytest.mark.parametrize("number", [100, pytest.param(1000, marks=pytest.mark.faults)])
def test_mutated(
    study: dict[str, Any], number: int, dice: random.Random, attempt: Callable[..., Attempt], tmp_path: Path
) -> None:
    check((text_of(mutated(study, dice)).encode() for _ in range(number)), attempt, tmp_path)


@pytest.mark.parametrize("number", [80, pytest.param(1000, marks=pytest.mark.faults)])
def test_damaged(number: int, dice: random.Random, attempt: Callable[..., Attempt], tmp_path: Path) -> None:
    check((damaged(text_of(dice.choice([GRID, SEARCH])), dice) for _ in range(number)), attempt, tmp_path)

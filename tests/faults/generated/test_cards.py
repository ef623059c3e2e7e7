"""Cards that are wrong in any way: one line that names the card, and nothing is kept; never a traceback."""

import copy
import json
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.base import paths
from harness.cli.app import main

CARD = r"""
name = "books"
title = "Books"
summary = "a few books"
homepage = "https://books.example"
licence = "mine"
citation = "me"
folder = "."
groupings = ["genre", "popularity"]
default_group = "genre"
further_groupings = ["activity", "gender"]

[grouping_options.genre]
min_items = 1

[grouping_options.popularity]
bins = 2

[interactions]
file = "train.csv"
validation = "valid.csv"
test = "test.csv"
format = "csv"
separator = ","
header = true
encoding = "utf8"
missing = ["-"]
time_unit = "iso"
columns = { user = "who", item = "what", rating = "stars", timestamp = "lent" }

[items]
file = "books.tsv"
split = { name = '^(?<title>.*) \((?<year>\d{4})\)$' }

[items.columns]
item = "id"
title = "title"
year = { from = "year", type = "integer" }
genres = { from = "shelf", type = "list", separator = "|", labels = { n = "novel" } }

[users]
file = "readers.txt"
format = "lines"
separator = "::"
header = false
fields = ["reader", "sex"]

[users.columns]
user = "reader"
gender = { from = "sex", labels = { F = "women", M = "men" } }
"""
WORSE: tuple[Any, ...] = (
    0, -1, 10**30, 1.5, -1e308, True, "", " ", "x" * 5000, "\0", "\x1b[2J\x07", "[red]", "{x}", "../x", "/etc/passwd",
    "~", "C:\\x", "a/../../b", "train.csv", ".", "books.tsv/x", "日本", "::", "|", '"', "\n", "(", "(?<a>",
    "(?P<a>.*)(?P<a>b)",
    "(?<title>" + "(" * 200, "(?<x>a{1000}{1000})", "utf-16", "idna", "hex", "rot13", "zip", "undefined", "mbcs", "xml",
    "parquet", "lines", "tsv", "ns", "genre", "item", "who", [], [[]], ["x"], ["x", "x"], [1, "x"], [""], ["genre"] * 3,
    {}, {"x": 1}, {"from": "who"}, {"from": 3, "type": "list"}, {"user": "who"}, {"x": {"y": {"z": []}}},
)  # fmt: skip
Place = tuple[str, ...]


def places(tree: Any, above: Place = ()) -> Iterator[Place]:
    """Where every key of a card stands."""
    for key, value in tree.items() if isinstance(tree, dict) else ():
        yield (*above, key)
        yield from places(value, (*above, key))


def as_toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {as_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    return json.dumps(value).replace("\\u007f", "\x7f")


def as_key(name: str) -> str:
    return name if name.replace("_", "").isalnum() else json.dumps(name)


def changed(tree: dict[str, Any], place: Place, chance: random.Random) -> None:
    """One key is taken away, misspelt, or has one of the values above."""
    table = tree
    for key in place[:-1]:
        table = table.get(key, {})
        if not isinstance(table, dict):
            return
    if place[-1] not in table:
        return
    what = chance.random()
    if what < 0.1:
        del table[place[-1]]
    elif what < 0.2:
        table[f"{place[-1]}{chance.choice(['s', 'x', ' ', '.'])}"] = table.pop(place[-1])
    else:
        table[place[-1]] = chance.choice(WORSE)


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The card's files; the card itself is right."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    folder = tmp_path / "shelf"
    folder.mkdir()
    loans = [f"{user},{book},{(user + book) % 5 + 1},2024-03-0{book % 9 + 1}" for user in range(9) for book in range(9)]
    for number, part in enumerate(("train", "valid", "test")):
        (folder / f"{part}.csv").write_text("\n".join(["who,what,stars,lent", *loans[number::3]]))
    books = [f"{book}\tBook {book} ({1900 + book})\t{'n' if book % 2 else 'x|y'}" for book in range(9)]
    (folder / "books.tsv").write_text("\n".join(["id\tname\tshelf", *books]))
    (folder / "readers.txt").write_text("\n".join(f"{user}::{'FM'[user % 2]}" for user in range(9)))
    (folder / "books.toml").write_text(CARD)
    return folder


def added(card: Path, capsys: pytest.CaptureFixture[str]) -> bool:
    """Whether the card is taken; else one line says why, and nothing is left."""
    code = main(["data", "add", str(card)])
    said = capsys.readouterr()
    assert "Traceback" not in said.err
    kept = sorted(path.name for path in paths.cards_folder().glob("*")) if paths.cards_folder().is_dir() else []
    if code == 0:
        assert said.err == ""
        assert kept == [card.name]
        (paths.cards_folder() / card.name).unlink()
        return True
    assert code == 2, said
    assert said.err.startswith("error: "), said
    assert said.err.count("\n") == 1, said
    assert said.out == "", "nothing is said to have been done"
    assert kept == [], "nothing is kept"
    return False


def test_the_card_is_right_to_begin_with(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert added(shelf / "books.toml", capsys)


@pytest.mark.parametrize("seed", range(4))
def test_cards_with_a_wrong_value_or_two(shelf: Path, capsys: pytest.CaptureFixture[str], seed: int) -> None:
    chance, right = random.Random(seed), tomllib.loads(CARD)
    taken = []
    for _ in range(100):
        tree = copy.deepcopy(right)
        for place in chance.sample(list(places(right)), chance.randint(1, 2)):
            changed(tree, place, chance)
        card = shelf / "books.toml"
        card.write_text("\n".join(f"{as_key(key)} = {as_toml(value)}" for key, value in tree.items()))
        taken.append(added(card, capsys))
    assert 0 < sum(taken) < 60, "most of them are wrong, and some are not"


def test_cards_whose_text_is_damaged(shelf: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance, card = random.Random(7), shelf / "books.toml"
    for _ in range(100):
        content = bytearray(CARD.encode())
        for _ in range(chance.randint(1, 3)):
            place = chance.randrange(len(content))
            content[place : place + chance.choice([0, 1, 1, 20])] = chance.randbytes(chance.choice([0, 1, 1, 5]))
        card.write_bytes(content[: chance.choice([len(content), chance.randrange(len(content))])])
        added(card, capsys)

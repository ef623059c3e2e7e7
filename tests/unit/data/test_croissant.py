"""Exported data in Croissant's words: the reference implementation accepts them, and reads the same rows by them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import mlcroissant
import polars as pl
import pytest

from harness.base.hashes import file_digest
from harness.cli.app import main

Exported = Callable[..., Path]
pytestmark = [  # within the libraries that the reader is made of
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated"),
    pytest.mark.filterwarnings("ignore:The inplace keyword in DataFrame"),
]


@pytest.fixture
def exported(own_card: Path, tmp_path: Path) -> Exported:
    """``exported(card, *options)``: the folder of an export of thirty users and twenty items with their genres."""

    def export(card: Mapping[str, str], *options: str) -> Path:
        head, _, tables = own_card.read_text().partition("[interactions]")
        kept = [line for line in head.splitlines() if line.partition(" = ")[0] not in card]
        own_card.write_text("\n".join([*kept, *(f"{key} = {value}" for key, value in card.items()), "[interactions]"]))
        with own_card.open("a") as file:
            file.write(tables.replace('title = "title" }', 'title = "title", year = { from = "y", type = "integer" }, '
                                      'genres = { from = "g", type = "list", separator = "|" } }'))  # fmt: skip
        pairs = [f"u{user},{item}" for user in range(30) for item in range(20) if (user + item) % 2]
        (tmp_path / "t.csv").write_text("\n".join(["u,i", *pairs]))
        items = [f"{item},Ä {item},{1990 + item if item else ''},{'|'.join('ab'[: item % 3])}" for item in range(20)]
        (tmp_path / "items.csv").write_text("\n".join(["i,title,y,g", *items]), encoding="utf-8")
        there, home = tmp_path / "there", ["--home", str(tmp_path / "home"), "--offline"]
        assert main(["data", "export", str(own_card), str(there), "--croissant", *options, *home]) == 0
        return there

    return export


def accepted(folder: Path) -> mlcroissant.Dataset:
    """What the reference implementation reads; it raises where something is wrong."""
    found = mlcroissant.Dataset(str(folder / "croissant.json"))
    assert found.metadata.ctx.issues.errors == set()
    return found


def rows(found: mlcroissant.Dataset, name: str) -> list[dict[str, Any]]:
    return [{key.rpartition("/")[2]: _plain(value) for key, value in row.items()} for row in found.records(name)]


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode("utf-8")
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return None if value != value else value


FULL = {"homepage": '"https://library.example"', "creators": '["A. Reader"]', "published": '"2026-03"'}


def test_a_full_card_gives_a_description_without_a_warning(
    exported: Exported, capsys: pytest.CaptureFixture[str]
) -> None:
    who = '["A. Reader", { name = "Our library", kind = "Organization" }]'
    metadata = accepted(exported(FULL | {"creators": who})).metadata
    assert metadata.ctx.issues.warnings == set()
    assert "should also say" not in capsys.readouterr().out
    assert metadata.name == "own"
    assert metadata.url == "https://library.example"
    assert metadata.cite_as == "none"
    assert [(type(one).__name__, one.name) for one in metadata.creators] == [
        ("Person", "A. Reader"),
        ("Organization", "Our library"),
    ]


def test_the_rows_that_are_read_by_it_are_those_of_the_files(exported: Exported) -> None:
    folder = exported(FULL)
    found = accepted(folder)
    for name in ("interactions", "items", "users"):
        table = pl.read_parquet(folder / f"{name}.parquet")
        assert rows(found, name) == table.to_dicts()
        assert table.height > 10
    assert {row["part"]: row["url"] for row in rows(found, "parts")} == {
        "training": "cr:TrainingSplit",
        "validation": "cr:ValidationSplit",
        "test": "cr:TestSplit",
    }


def test_every_file_beside_it_is_there_with_its_checksum(exported: Exported) -> None:
    folder = exported(FULL, "--vectors", "--set", "encoder.name=tfidf-svd")
    accepted(folder)
    tree = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))
    sums = {file["contentUrl"]: file["sha256"] for file in tree["distribution"]}
    assert sums == {path.name: file_digest(path) for path in folder.iterdir() if path.name != "croissant.json"}
    assert "vectors.npy" in sums


def test_what_the_card_does_not_say_is_left_out_and_named(
    exported: Exported, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = exported({})
    accepted(folder)
    tree = json.loads((folder / "croissant.json").read_text(encoding="utf-8"))
    assert not {"url", "creator", "datePublished"} & tree.keys()
    assert "croissant.json should also say what the data set's card does not: homepage, creators, published" in (
        capsys.readouterr().out
    )


def test_a_description_that_was_damaged_is_refused_by_the_same_reader(exported: Exported) -> None:
    """What passes above could fail."""
    file = exported(FULL) / "croissant.json"
    tree = json.loads(file.read_text(encoding="utf-8"))
    del tree["distribution"][0]["contentUrl"]
    file.write_text(json.dumps(tree))
    with pytest.raises(mlcroissant.ValidationError, match="contentUrl"):
        accepted(file.parent)


def test_without_being_asked_nothing_is_described(own_card: Path, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("\n".join(["u,i", *(f"{u},{i}" for u in range(12) for i in range(12))]))
    (tmp_path / "items.csv").write_text("\n".join(["i,title", *(f"{i},t{i}" for i in range(12))]))
    home = ["--home", str(tmp_path / "home"), "--offline"]
    assert main(["data", "export", str(own_card), str(tmp_path / "there"), *home]) == 0
    assert not (tmp_path / "there" / "croissant.json").exists()

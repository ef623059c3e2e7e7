"""Data that come divided: their own parts are used where they are asked for, whatever the seed."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from harness.base.errors import BadInput
from harness.data.prepared import Prepared, prepared
from harness.data.table.card_dataset import from_card
from harness.plugins import Dataset
from harness.spec.build import build_spec
from harness.spec.options import DataOptions
from harness.spec.run_spec import dataset_of

GIVEN = DataOptions(core=1, min_rating=None, split="given")
TRAIN, VALID, TEST = {("a", "1"), ("a", "2"), ("b", "1")}, {("a", "3"), ("b", "2")}, {("b", "3"), ("c", "1")}
CARD = """
name = "own"
title = "Own"
summary = "a table"
homepage = ""
licence = "none"
citation = "none"
groupings = ["popularity"]
default_group = "popularity"
[interactions]
"""
FILES = 'file = "train.csv"\nvalidation = "valid.csv"\ntest = "test.csv"\ncolumns = { user = "u", item = "i" }\n'
COLUMN = 'file = "all.csv"\ncolumns = { user = "u", item = "i", part = "fold" }\n'


@pytest.fixture(autouse=True)
def _own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))


def parts(found: Prepared) -> list[set[tuple[str, str]]]:
    """The pairs of raw ids in each part."""
    users, items = found.corpus.users["user"].to_list(), found.corpus.items["item"].to_list()
    split = found.split
    return [
        {(users[u], items[i]) for u, i in zip(part.users, part.items, strict=True)}
        for part in (split.training, split.validation, split.test)
    ]


def card(folder: Path, interactions: str) -> Dataset:
    """A data set by a card in ``folder`` with files of three parts and one of all."""
    rows = {"train": TRAIN, "valid": VALID, "test": TEST}
    for name, pairs in rows.items():
        (folder / f"{name}.csv").write_text("u,i\n" + "".join(f"{u},{i}\n" for u, i in sorted(pairs)))
    labelled = [f"{u},{i},{name.upper()}\n" for name, pairs in rows.items() for u, i in sorted(pairs)]
    (folder / "all.csv").write_text("u,i,fold\n" + "".join(labelled))
    (folder / "own.toml").write_text(CARD + interactions)
    return from_card(folder / "own.toml")()


@pytest.mark.parametrize("interactions", [FILES, COLUMN])
def test_a_cards_parts_are_used_as_they_are(interactions: str, tmp_path: Path) -> None:
    dataset = card(tmp_path, interactions)
    first = prepared(dataset, tmp_path, GIVEN, seed=0)
    assert parts(first) == [TRAIN, VALID, TEST]
    again = prepared(dataset, tmp_path, GIVEN, seed=0)
    assert again.cached
    assert again.split.digest == first.split.digest == prepared(dataset, tmp_path, GIVEN, seed=7).split.digest


def test_without_being_asked_for_they_are_pooled_and_that_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    pooled = prepared(card(tmp_path, FILES), tmp_path, GIVEN.model_copy(update={"split": "random"}), 0, said.append)
    assert set().union(*parts(pooled)) == TRAIN | VALID | TEST
    assert ["--set data.split=given keeps their own parts" in line for line in said] == [True]


def test_a_pair_in_two_parts_stays_in_the_first_and_is_counted(tmp_path: Path) -> None:
    dataset = card(tmp_path, FILES)
    with (tmp_path / "test.csv").open("a") as file:
        file.write("a,1\nc,1\n")
    found = prepared(dataset, tmp_path, GIVEN, 0)
    assert parts(found) == [TRAIN, VALID, TEST]
    assert found.corpus.counts == {"interactions: in a later part, too": 1, "interactions: repeated": 1}


def test_what_filters_take_from_given_parts_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    found = prepared(card(tmp_path, FILES), tmp_path, GIVEN.model_copy(update={"core": 2}), 0, said.append)
    assert parts(found) == [TRAIN, VALID, TEST - {("c", "1")}]
    (line,) = said
    assert line.startswith("warning: the filters leave 1 interactions out of the given parts: --set data.core=1")


def test_data_that_are_not_divided_say_so(tmp_path: Path) -> None:
    dataset = card(tmp_path, 'file = "all.csv"\ncolumns = { user = "u", item = "i" }\n')
    with pytest.raises(BadInput, match="does not come divided into training, validation and test"):
        prepared(dataset, tmp_path, GIVEN, 0)


def test_a_part_that_is_missing_is_one_line(tmp_path: Path) -> None:
    dataset = card(tmp_path, COLUMN)
    text = (tmp_path / "all.csv").read_text().replace("VALID", "train")
    (tmp_path / "all.csv").write_text(text)
    with pytest.raises(BadInput, match=r"data\.split='given' leaves nothing for validation"):
        prepared(dataset, tmp_path, GIVEN, 0)


def test_words_for_parts(tmp_path: Path) -> None:
    dataset = card(tmp_path, COLUMN)
    (tmp_path / "all.csv").write_text("u,i,fold\na,1,Training\na,2,dev\na,3,val\nb,1,testing\nb,2,holdout\nb,3,\n")
    found = prepared(dataset, tmp_path, GIVEN, 0)
    assert parts(found) == [{("a", "1")}, {("a", "2"), ("a", "3")}, {("b", "1")}]
    assert found.corpus.counts == {"interactions: part is not train, valid or test": 2}


@pytest.mark.parametrize(
    ("interactions", "message"),
    [
        (FILES.replace('test = "test.csv"\n', ""), "validation and test go together"),
        (FILES.replace('"i" }', '"i", part = "fold" }'), "either files of parts"),
        (FILES.replace('"valid.csv"', '"../valid.csv"'), "a name relative to the card's folder"),
        (
            COLUMN.replace('"fold"', '"u"'),
            r"columns\.part: .*all\.csv has no valid value in 'u'.* train, valid or test",
        ),
    ],
)
def test_cards_that_are_wrong(interactions: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=message):
        card(tmp_path, interactions).read(tmp_path)


def test_cards_of_old_keep_their_hash(tmp_path: Path) -> None:
    dataset = card(tmp_path, 'file = "all.csv"\ncolumns = { user = "u", item = "i" }\n')
    written = dataset.declared.interactions.model_dump(mode="json")  # type: ignore[attr-defined]
    assert {"validation", "test"}.isdisjoint(written)
    assert "part" not in written["columns"]


def test_alpharecs_released_parts(tmp_path: Path) -> None:
    (tmp_path / "cf_data").mkdir()
    (tmp_path / "item_info").mkdir()
    for name, text in {"train": "0 2 0 1\n1 3\n", "valid": "0 3\n1 1\n", "test": "1 0"}.items():
        (tmp_path / "cf_data" / f"{name}.txt").write_text(text)
    np.save(tmp_path / "item_info" / "item_cf_embeds_large3_array.npy", np.ones((4, 2)))
    found = prepared(dataset_of("alpharec", {}), tmp_path, GIVEN, 0)
    training = {("0", "0"), ("0", "1"), ("0", "2"), ("1", "3")}
    assert parts(found) == [training, {("0", "3"), ("1", "1")}, {("1", "0")}]


def test_recboles_benchmark_files(tmp_path: Path) -> None:
    header = "user_id:token\titem_id:token\n"
    for name, pairs in {"train": TRAIN, "valid": VALID, "test": TEST}.items():
        (tmp_path / f"x.{name}.inter").write_text(header + "".join(f"{u}\t{i}\n" for u, i in pairs))
    (tmp_path / "x.item").write_text("item_id:token\ttitle:token_seq\n1\tOne\n2\tTwo\n3\tThree\n")
    dataset = dataset_of("recbole", {})
    assert dataset.recognises(tmp_path)
    assert {path.name for path in dataset.files(tmp_path)} == {
        *(f"x.{n}.inter" for n in ("train", "valid", "test")),
        "x.item",
    }
    found = prepared(dataset, tmp_path, GIVEN, 0)
    assert parts(found) == [TRAIN, VALID, TEST]
    assert found.corpus.items.filter(item="2")["title"].to_list() == ["Two"]
    (tmp_path / "x.inter").write_text(header + "a\t1\n")
    with pytest.raises(BadInput, match=r"found: x\.inter, x\.train\.inter \+ x\.valid\.inter \+ x\.test\.inter \(move"):
        dataset.read(tmp_path)


def test_it_is_an_option_of_the_spec() -> None:
    asked: dict[str, Any] = {"data": {"split": "given"}}
    assert build_spec(asked).data.split == "given"
    assert build_spec({}).data.split == "random"

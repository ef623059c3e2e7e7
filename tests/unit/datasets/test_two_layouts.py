"""Steam, Goodreads and Yelp: the files as published and the tables made of them give the same data."""

import os
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from harness.base.errors import BadInput
from harness.data.build_corpus import build_corpus
from harness.data.corpus import Corpus
from harness.data.group_assignment import declared, groups
from harness.data.table.card_dataset import from_card
from harness.domain.interactions import Training
from harness.domain.tables import Tables
from harness.plugins import GroupingInput
from harness.spec.build import build_spec
from harness.spec.options import DataOptions
from harness.spec.run_spec import dataset_of

from ._published import PUBLISHED, goodreads, steam

KEEP_ALL = DataOptions(min_rating=None, core=1)
NAMES = ("steam", "goodreads", "yelp")

TABLES = {
    "steam": (
        "user\titem\n1\t0\n1\t1\n1\t2\n1\t3\n2\t10\n2\t2\n3\t1\n",
        "item\ttitle\tpublisher\n0\tMight & Magic\t4\n1\tTrine 2\t\n2\tDune\\u2122\t4\n3\t\t\n10\tDoom\t5\n",
    ),
    "goodreads": (
        "user\titem\n0\t0\n0\t7\n0\t10\n1\t0\n",
        "item\ttitle\tgenres\n0\tEmma\tromance|history/historical fiction/biography\n"
        '7\tA "Child", Called "It"\t\n10\tDune (Dune, #1)\tfiction\n',
    ),
    "yelp": (
        "user\titem\n1\t1\n1\t2\n1\t3\n2\t3\n2\t2\n",
        "item\ttitle\tcategories\n1\tThe Great Greek\tDiners|Greek\n2\tSal's Pizza\t\n3\tOasis\t\n",
    ),
}
SKIPPED = {
    "steam": {"interactions: wrong number of fields": 1, "interactions: not liked (label 0)": 2},
    "goodreads": {"interactions: a title without a number": 1, "users: no prompt": 2},
    "yelp": {
        "interactions: lines that are not a user's and its items' numbers": 1,
        "items: not a number and a business": 1,
    },
}


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def published(name: str, tmp_path: Path) -> Path:
    folder = tmp_path / "published"
    folder.mkdir()
    PUBLISHED[name](folder)
    return folder


@pytest.fixture
def tables(name: str, tmp_path: Path) -> Path:
    folder = tmp_path / "tables"
    folder.mkdir()
    for file, text in zip(("interactions.tsv", "items.tsv"), TABLES[name], strict=True):
        (folder / file).write_text(text, encoding="utf-8")
    return folder


def test_both_layouts_give_the_same_data(name: str, published: Path, tables: Path) -> None:
    dataset = dataset_of(name, {})
    one, other = dataset.read(published), dataset.read(tables)
    pairs = [set(each.interactions.unique().rows()) for each in (one, other)]
    assert pairs[0] == pairs[1] == {tuple(line.split("\t")) for line in TABLES[name][0].splitlines()[1:]}
    known = one.items.filter(pl.col("item").is_in(other.items["item"].implode()))
    assert_frame_equal(known, other.items, check_row_order=False)
    assert build_corpus(one, KEEP_ALL).digest == build_corpus(other, KEEP_ALL).digest


def test_what_is_left_out_is_counted(name: str, published: Path, tables: Path) -> None:
    dataset = dataset_of(name, {})
    assert dataset.read(published).skipped == SKIPPED[name]
    assert dataset.read(tables).skipped == {}
    with (tables / "items.tsv").open("a") as file:
        file.write("99\tno label\n")
    with (tables / "interactions.tsv").open("a") as file:
        file.write("\t1\n1\n")
    assert dataset.read(tables).skipped == {
        "interactions: wrong number of fields": 1,
        "interactions: no user or item": 1,
        "items: wrong number of fields": 1,
    }


def test_the_published_files_are_read_where_both_lie(name: str, published: Path, tables: Path) -> None:
    dataset = dataset_of(name, {})
    for file in tables.iterdir():
        file.rename(published / file.name)
    (published / "interactions.tsv").write_text("user\titem\n77\t0\n")
    assert {path.name for path in dataset.files(published)}.isdisjoint({"interactions.tsv", "items.tsv"})
    assert "77" not in dataset.read(published).users["user"].to_list()


def test_missing_files_are_named(name: str, published: Path, tables: Path) -> None:
    dataset = dataset_of(name, {})
    assert dataset.recognises(published)
    assert dataset.recognises(tables)
    for folder in (published, tables):
        lost = dataset.files(folder)[0]
        lost.unlink()
        assert not dataset.recognises(folder)
        assert lost in dataset.files(folder), "of an incomplete layout, that one's files"
        with pytest.raises(BadInput, match=r"neither .* nor interactions\.tsv, items\.tsv"):
            dataset.read(folder)


def test_steam_takes_titles_and_publishers_as_they_are_read(tmp_path: Path) -> None:
    steam(tmp_path)
    assert dataset_of("steam", {}).read(tmp_path).items.rows() == [
        ("0", "Might & Magic", "4"),
        ("1", "Trine 2", None),
        ("2", "Dune\\u2122", "4"),
        ("3", None, None),
        ("10", "Doom", "5"),
    ]


def test_a_genre_keeps_its_commas_as_slashes(tmp_path: Path) -> None:
    goodreads(tmp_path)
    first = dataset_of("goodreads", {}).read(tmp_path).items.row(0)
    assert first == ("0", "Emma", ["romance", "history/historical fiction/biography"])


@pytest.mark.parametrize(
    ("name", "file", "content", "message"),
    [
        ("steam", "iid2pid.json", "[]", r"iid2pid\.json: its JSON is not an object"),
        ("steam", "steam.train", "user_id:token\n", r"steam\.train: its first line names no column 'product_id:token'"),
        ("goodreads", "train.json", "{}", r"train\.json: its JSON is not a list"),
        ("yelp", "Yelp.item.json", "{", r"Yelp\.item\.json: not JSON"),
    ],
)
def test_a_file_that_is_not_what_its_name_says(
    name: str, file: str, content: str, message: str, tmp_path: Path
) -> None:
    PUBLISHED[name](tmp_path)
    (tmp_path / file).write_text(content)
    with pytest.raises(BadInput, match=message):
        dataset_of(name, {}).read(tmp_path)


PLACES = {"HARNESS_TEST_DATA": "", "HARNESS_TEST_HOME": "data"}
"""Where real data may lie: the tables, and the published files in the cache of this machine."""


def test_the_command_of_a_run_that_read_a_card_means_the_same(name: str, published: Path) -> None:
    by_card = build_spec({"dataset": name, "dataset_options": {"card": "336c7fc4c2f649fe"}})
    assert by_card.flat()["dataset_options.card"] == "336c7fc4c2f649fe"
    assert by_card.digest != build_spec({"dataset": name}).digest, "its spec is known by the card's hash"
    assert "dataset_options.card" not in build_spec({"dataset": name}).flat(), "no run need say it"
    dataset, plain = dataset_of(name, by_card.dataset_options), dataset_of(name, {})
    assert dataset.key == plain.key, "nothing is fetched twice"
    assert_frame_equal(dataset.read(published).interactions, plain.read(published).interactions)
    with pytest.raises(BadInput, match=r"dataset_options\.card"):
        build_spec({"dataset": name, "dataset_options": {"card": "my card"}})


SHAPES = {"steam": (4_446, 1_120, 45_855), "goodreads": (5_000, 4_028, 54_971), "yelp": (30_431, 20_033, 304_524)}
"""Users, items and interactions of the whole data."""
LABELS = {"steam": 43, "goodreads": 10, "yelp": 1_006}
"""Publishers, genres, categories."""
DIGESTS = {"steam": "2d3bf93b67bdb0f5", "goodreads": "e728c6793c38927d", "yelp": "1ff85f406f95eeb0"}
"""Hashes of the data, as runs under the default options have them on record (``hash.data``)."""
GROUPS = {"steam": 15, "goodreads": 11, "yelp": 383}
"""Groups under the default options: small labels are one group, items without any another."""


@pytest.fixture(scope="module", params=[(name, place) for name in NAMES for place in PLACES], ids="-".join)
def real(request: pytest.FixtureRequest) -> tuple[str, Tables]:
    """The name of real data, read from their tables or from the published files; skipped where they are not here."""
    name, variable = request.param
    folder = Path(os.environ.get(variable, "nowhere"), PLACES[variable], name)
    if not dataset_of(name, {}).recognises(folder):
        pytest.skip(f"the files of {name} are needed: set {variable} to the folder that holds them")
    return name, dataset_of(name, {}).read(folder)


def test_the_real_data_to_the_last_row(real: tuple[str, Tables]) -> None:
    name, found = real
    assert shape(build_corpus(found, KEEP_ALL)) == SHAPES[name]
    used = found.items.filter(pl.col("item").is_in(found.interactions["item"].unique().implode()))
    assert used.height == SHAPES[name][1], "every item is described"
    assert used[used.columns[-1]].explode().drop_nulls().n_unique() == LABELS[name]


def test_the_real_data_are_those_of_the_runs_on_record(real: tuple[str, Tables]) -> None:
    name, found = real
    corpus, card = build_corpus(found, DataOptions()), dataset_of(name, {}).card
    assert corpus.digest == DIGESTS[name]
    training = Training(corpus.user_indices, corpus.item_indices, corpus.n_users, corpus.n_items)
    formed = groups(declared(card.default_group, card), GroupingInput(training, corpus.items, corpus.users))
    assert len(formed.names) == GROUPS[name]


def test_the_card_beside_the_real_tables_gives_the_same_data(real: tuple[str, Tables]) -> None:
    name, found = real
    place = Path(os.environ.get("HARNESS_TEST_DATA", "nowhere"), name)
    if not (card := place / f"{name}.toml").is_file():
        pytest.skip(f"the card of {name} is needed: set HARNESS_TEST_DATA to the folder that holds {name}/{name}.toml")
    by_card = from_card(card)().read(place)
    assert build_corpus(by_card, KEEP_ALL).digest == build_corpus(found, KEEP_ALL).digest


def shape(corpus: Corpus) -> tuple[int, int, int]:
    return corpus.n_users, corpus.n_items, len(corpus)


def test_types_are_those_that_every_run_reads(name: str, published: Path) -> None:
    found: Tables = dataset_of(name, {}).read(published)
    assert found.interactions.schema == {"user": pl.String, "item": pl.String}
    label = pl.String if name == "steam" else pl.List(pl.String)
    assert list(found.items.schema.values()) == [pl.String, pl.String, label]

"""The cards in benchmarks/cards, and the command that describes films: on small files, and on the real ones."""

import json
import os
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal

from benchmarks.described_films import main
from harness.data.build_corpus import build_corpus
from harness.data.corpus import Corpus
from harness.data.group_assignment import declared, groups
from harness.data.split import split
from harness.data.table.card_dataset import TableDataset, from_card
from harness.data.table.card_file import read_card
from harness.data.table.card_folder import digest
from harness.domain.interactions import Training
from harness.domain.tables import Tables
from harness.plugins import GroupingInput
from harness.spec.options import DataOptions
from harness.spec.run_spec import dataset_of

CARDS = Path(__file__).parents[2] / "benchmarks" / "cards"
NAMES = ("amazon-2014-beauty", "movielens-1m-all", "movielens-1m-described")
ALL = DataOptions(min_rating=None, core=1)


def card(name: str) -> TableDataset:
    return from_card(CARDS / f"{name}.toml")()


@pytest.fixture
def ml_1m(tmp_path: Path) -> Path:
    """Three films, two people and five pairs, without ratings."""
    folder = tmp_path / "ml-1m"
    folder.mkdir()
    (folder / "movies.dat").write_bytes(
        "1::Toy Story (1995)::Animation|Comedy\n2::Cité des enfants perdus, La  (1995)::Sci-Fi\n"
        "3::Tess (of the d'Urbervilles) (1979)::Drama\n".encode("latin-1")
    )
    (folder / "users.dat").write_text("1::F::1::10::48067\n2::M::56::0::70072\n")
    pairs = {"user_id": [1, 1, 1, 2, 2], "item_id": [1, 2, 3, 1, 3]}
    pl.DataFrame(pairs).write_parquet(folder / "interactions.parquet")
    return folder


@pytest.fixture
def rated(ml_1m: Path, tmp_path: Path) -> Path:
    """The same with GroupLens' ratings.dat instead."""
    folder = with_ratings(ml_1m, tmp_path / "rated")
    (folder / "interactions.parquet").unlink(missing_ok=True)
    return folder


def with_ratings(source: Path, folder: Path) -> Path:
    """A folder as GroupLens publishes it; the ratings are made up."""
    folder.mkdir()
    for name in ("movies.dat", "users.dat"):
        (folder / name).write_bytes((source / name).read_bytes())
    pairs = pl.read_parquet(source / "interactions.parquet").select("user_id", "item_id").rows()
    lines = (f"{user}::{item}::{1 + (user + item) % 5}::978300760" for user, item in pairs)
    (folder / "ratings.dat").write_text("\n".join(lines))
    return folder


def described(folder: Path, texts: object, tmp_path: Path) -> tuple[int, Path]:
    (tmp_path / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    return main([str(folder), str(tmp_path / "texts.json"), str(tmp_path / "out")]), tmp_path / "out"


@pytest.mark.parametrize("name", NAMES)
def test_a_card_is_the_same_wherever_the_checkout_lies(name: str, tmp_path: Path) -> None:
    copy = tmp_path / f"{name}.toml"
    copy.write_bytes((CARDS / f"{name}.toml").read_bytes())
    assert digest(read_card(copy), copy) == digest(read_card(CARDS / copy.name), CARDS / copy.name)
    found = card(name).card
    assert all((found.licence, found.citation, found.homepage, found.creators))


def test_every_rating_counts_with_the_ratings_and_without(ml_1m: Path, rated: Path) -> None:
    without, published = card("movielens-1m-all").read(ml_1m), dataset_of("movielens-1m", {}).read(rated)
    assert without.items["title"].to_list() == [
        "Toy Story", "Cité des enfants perdus, La", "Tess (of the d'Urbervilles)"
    ]  # fmt: skip
    assert_frame_equal(without.items, published.items)
    assert_frame_equal(without.users, published.users, check_column_order=False)
    assert build_corpus(without, ALL).digest == build_corpus(published, ALL).digest


@pytest.mark.parametrize("folder", ["ml_1m", "rated"])
def test_films_get_descriptions_from_either_folder(
    folder: str, request: pytest.FixtureRequest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    texts = {"1": " A toy\tis “alive”.\n", "2": "", "77": "of no film"}
    code, out = described(request.getfixturevalue(folder), texts, tmp_path)
    assert code == 0
    assert "3 films, 2 of them without a description; 1 descriptions of no film" in capsys.readouterr().out
    found = card("movielens-1m-described").read(out)
    assert found.skipped == {}
    assert found.items["description"].to_list() == ["A toy\tis “alive”.", None, None]
    plain = card("movielens-1m-all").read(request.getfixturevalue("ml_1m"))
    assert_frame_equal(found.items.drop("description"), plain.items)
    assert_frame_equal(found.users, plain.users, check_column_order=False)
    assert_frame_equal(found.interactions, plain.interactions)


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ({"one": "a text"}, "none of the films (['1', '2', '3'], …) is in it (['one'], …)"),
        ({"1": 3}, "film '1' has int, not a text"),
        (["a text"], "its JSON is not an object"),
        ({}, "none of the films"),
    ],
)
def test_descriptions_that_are_none_are_one_line(
    texts: object, message: str, ml_1m: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = described(ml_1m, texts, tmp_path)
    error = capsys.readouterr().err
    assert code == 2
    assert message in error
    assert error.count("\n") == 1
    assert not out.exists()


def test_a_folder_that_holds_something_is_left_alone(ml_1m: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine").write_text("")
    code, out = described(ml_1m, {"1": "a text"}, tmp_path)
    assert code == 2
    assert [path.name for path in out.iterdir()] == ["mine"]


SHAPES = {"movielens-1m": (6_040, 3_706, 1_000_209), "amazon-2014-beauty": (22_363, 12_101, 198_502)}


@pytest.fixture(scope="module")
def real() -> Path:
    if not (place := os.environ.get("HARNESS_TEST_DATA")):
        pytest.skip("the real files are needed: set HARNESS_TEST_DATA to the folder that holds ml-1m and the others")
    return Path(place)


@pytest.fixture(scope="module")
def films(real: Path) -> Tables:
    return card("movielens-1m-all").read(real / "ml-1m")


def test_movielens_has_the_hash_that_the_published_files_have(films: Tables, real: Path, tmp_path: Path) -> None:
    corpus = build_corpus(films, ALL)
    assert (corpus.n_users, corpus.n_items, len(corpus)) == SHAPES["movielens-1m"]
    assert films.skipped == {}
    published = dataset_of("movielens-1m", {}).read(with_ratings(real / "ml-1m", tmp_path / "published"))
    assert build_corpus(published, ALL).digest == corpus.digest


def test_descriptions_change_nothing_but_the_texts(films: Tables, real: Path, tmp_path: Path) -> None:
    texts = real / "ml-1m-descriptions" / "descriptions.json"
    assert main([str(real / "ml-1m"), str(texts), str(tmp_path / "out")]) == 0
    found = card("movielens-1m-described").read(tmp_path / "out")
    assert found.items["description"].null_count() == 1
    plain, more = build_corpus(films, DataOptions()), build_corpus(found, DataOptions())
    assert more.digest != plain.digest
    assert split_digest(more) == split_digest(plain)


def test_beauty_has_six_groups(real: Path) -> None:
    dataset = card("amazon-2014-beauty")
    corpus = build_corpus(dataset.read(real / "amazon-beauty-2014"), DataOptions())
    assert (corpus.n_users, corpus.n_items, len(corpus)) == SHAPES["amazon-2014-beauty"]
    training = Training(corpus.user_indices, corpus.item_indices, corpus.n_users, corpus.n_items)
    formed = groups(declared("category", dataset.card), GroupingInput(training, corpus.items, corpus.users))
    assert sorted(formed.names) == [
        "Bath & Body", "Fragrance", "Hair Care", "Makeup", "Skin Care", "Tools & Accessories"
    ]  # fmt: skip


def split_digest(corpus: Corpus) -> str:
    return split(corpus, DataOptions(), 0).digest

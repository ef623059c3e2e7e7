"""RecBole's atomic files of any folder, with the format's types."""

from pathlib import Path

import polars as pl
import pytest

from harness.base.errors import BadInput
from harness.cli.app import main
from harness.data.sources.fetch import locate
from harness.spec.run_spec import dataset_of

INTER = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "toy.inter").write_text(
        INTER + '1\t10\t4.0\t8.8E8\n1\t"11"\t2\t881250949.7\n2\t10\tgood\t3\n2\t10\t5\n\t10\t5\t3\n'
    )
    (tmp_path / "toy.item").write_text(
        "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\tprice:float\tv:float_seq\n"
        "10\tToy Story\t1995\tAnimation Comedy\t3.5\t1.0 2.5\n"
        "11\t\t\t\t\t\n"
        '12\tNaïve "quotes"\t1999\tDrama,  Romance\tfree\t1 x\n'
        "12\tTwice\t1999\tDrama\t1\t1\n"
        "13\tshort\n"
    )
    return tmp_path


def test_interactions(folder: Path) -> None:
    tables = dataset_of("recbole", {}).read(folder)
    assert tables.interactions.cast({"user": pl.String, "item": pl.String}).rows() == [
        ("1", "10", 4.0, 880_000_000),
        ("1", '"11"', 2.0, 881_250_949),
    ]
    assert tables.skipped == {
        "interactions: wrong number of fields": 1,
        "interactions: no user or item": 1,
        "interactions: rating is not a number": 1,
        "items: wrong number of fields": 1,
        "items: repeated id": 1,
    }
    assert tables.users["user"].to_list() == ["1"]


def test_types_and_names_of_fields(folder: Path) -> None:
    items = dataset_of("recbole", {}).read(folder).items
    assert items.rows(named=True) == [
        {
            "item": "10",
            "title": "Toy Story",
            "release_year": "1995",
            "genres": ["Animation", "Comedy"],
            "price": 3.5,
            "v": [1.0, 2.5],
        },
        {"item": "11", "title": None, "release_year": None, "genres": [], "price": None, "v": []},
        {
            "item": "12",
            "title": 'Naïve "quotes"',
            "release_year": "1999",
            "genres": ["Drama", "Romance"],
            "price": None,
            "v": [1.0, None],
        },
    ]


def test_users_and_fields_of_other_names(tmp_path: Path) -> None:
    (tmp_path / "a.inter").write_text("who:token\twhat:token\n1\t2\n")
    (tmp_path / "a.user").write_text("who:token\tage:float\n1\t30\n2\t\n")
    (tmp_path / "a.item").write_text("what:token\tlabel:token\tkind:token\n2\tTwo words\tnon fiction\n")
    named = {"user": "who", "item": "what", "title": "label", "genres": "kind"}
    tables = dataset_of("recbole", named).read(tmp_path)
    assert tables.interactions.columns == ["user", "item"]
    assert tables.users.rows() == [("1", 30.0), ("2", None)]
    assert tables.items.rows() == [("2", "Two words", ["non fiction"])]


def test_one_of_several(folder: Path) -> None:
    (folder / "other.inter").write_text(INTER)
    message = r"found: other\.inter, toy\.inter \(choose with --set dataset_options\.files=other\)"
    with pytest.raises(BadInput, match=message):
        dataset_of("recbole", {}).read(locate(dataset_of("recbole", {}), folder))
    chosen = dataset_of("recbole", {"files": "toy"})
    assert [path.name for path in chosen.files(folder)] == ["toy.inter", "toy.item"]
    assert chosen.read(folder).interactions.height == 2


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ("user_id\titem_id", "fields and types such as item_id:token, not 'user_id'"),
        ("user_id:text\titem_id:token", "not 'user_id:text'"),
        ("userid:token\titem_id:token", r"dataset_options\.user\) 'user_id': did you mean 'userid'"),
    ],
)
def test_a_header_that_is_none(tmp_path: Path, header: str, message: str) -> None:
    (tmp_path / "a.inter").write_text(f"{header}\n1\t2\n")
    with pytest.raises(BadInput, match=message):
        dataset_of("recbole", {}).read(tmp_path)


def test_a_field_of_items_that_does_not_exist(folder: Path) -> None:
    with pytest.raises(BadInput, match="did you mean 'movie_title'"):
        dataset_of("recbole", {"title": "movie_titel"}).read(folder)


def test_movielens_in_recboles_own_files(movielens_folder: Path) -> None:
    """The same counts as by the data set's own reader, where the copy is RecBole's."""
    if not (movielens_folder / "ml-100k.inter").is_file():
        pytest.skip("the cached MovieLens-100K is GroupLens' own, not RecBole's copy")
    tables = dataset_of("recbole", {}).read(movielens_folder)
    assert (tables.interactions.height, tables.items.height, tables.users.height) == (100_000, 1682, 943)
    assert tables.skipped == {}
    toy_story = tables.items.filter(pl.col("item") == "1")
    assert toy_story["title"].item() == "Toy Story"
    assert toy_story["genres"].item().to_list() == ["Animation", "Children's", "Comedy"]


@pytest.mark.parametrize(
    "header", ["user_id:token\titem_id:token\titem_id:token", "user_id:token\titem_id:token\titem_id:float"]
)
def test_a_header_that_names_a_field_twice(header: str, tmp_path: Path) -> None:
    (tmp_path / "a.inter").write_text(f"{header}\n1\t2\t3\n")
    with pytest.raises(
        BadInput, match=r"a\.inter: its first line names 'item_id(:token)?' twice: rename one of the two$"
    ):
        dataset_of("recbole", {}).read(tmp_path)


def test_parts_of_sequences_with_blanks_in_them(tmp_path: Path) -> None:
    (tmp_path / "anime.inter").write_text("user_id:token\titem_id:token\n1\t10\n")
    (tmp_path / "anime.item").write_text(
        "item_id:token\tname:token_seq\tgenre:token_seq\tv:float_seq\n10\tA Title\tSlice of Life, Sci-Fi,\t1 2\n"
    )
    said = dataset_of("recbole", {"separator": ","}).read(tmp_path).items
    assert said.rows() == [("10", "A Title", ["Slice of Life", "Sci-Fi"], [1.0, 2.0])]
    usual = dataset_of("recbole", {}).read(tmp_path).items
    assert usual["genres"].to_list() == [["Slice", "of", "Life", "Sci-Fi"]]
    assert (
        dataset_of("recbole", {"separator": " "}).config.model_dump() == dataset_of("recbole", {}).config.model_dump()
    )
    assert "separator" not in dataset_of("recbole", {}).config.model_dump()


@pytest.mark.parametrize("command", [["run", "--dataset", "recbole"], ["data", "audit", "recbole"]])
def test_several_files_are_named_with_the_option_that_chooses(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))
    for name in ("x.train", "x.test"):  # no benchmark split: its validation data are missing
        (tmp_path / f"{name}.inter").write_text(INTER)
    assert main([*command, "--data", str(tmp_path)]) == 2
    (line,) = capsys.readouterr().err.strip().splitlines()
    assert "found: x.test.inter, x.train.inter (choose with --set dataset_options.files=x.test)" in line

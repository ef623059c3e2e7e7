"""MovieLens-100K: both layouts give the same tables, and malformed rows are counted."""

from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest
from harness.datasets.movielens_100k import GENRES, MovieLens100K
from polars.testing import assert_frame_equal

from harness.base.errors import BadInput
from harness.cli.app import main
from harness.data.build_corpus import build_corpus
from harness.data.group_assignment import definition, require_columns
from harness.domain.tables import Tables
from harness.spec.options import DataOptions

RATINGS = "196\t242\t3\t881250949\n186\t1412\t4\t891717742\n22\t267\t1\t878887116\n"
INTER_HEADER = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
ITEM_HEADER = "item_id:token\tmovie_title:token_seq\trelease_year:token\tclass:token_seq\n"
USER_HEADER = "user_id:token\tage:token\tgender:token\toccupation:token\tzip_code:token\n"

FILMS = [  # (id, official title, RecBole's title, RecBole's year, genres)
    ("242", "Kolya (1996)", "Kolya", "1996", "Comedy"),
    ("267", "unknown", "unkonwn", "unkonwn", "unknown"),
    (
        "1412",
        "Land Before Time III: The Time of the Great Giving (1995) (V)",
        "Land Before Time III: The Time of the Great Giving (1995)",
        "V",
        "Animation Children's",
    ),
    ("543", "Misérables, Les (1995)", "Misérables, Les", "1995", "Drama Musical"),
    ("1", 'Quote "d" (1932) (1995)', 'Quote "d" (1932)', "1995", "Animation Children's Comedy"),
]
USERS = [
    ("196", "49", "M", "writer", "55105"),
    ("186", "39", "F", "executive", "00000"),
    ("22", "25", "M", "none", "40206"),
]


def flags(genres: str) -> str:
    return "|".join(str(int(genre in genres.split(" "))) for genre in ("unknown", *GENRES))


@pytest.fixture
def official(tmp_path: Path) -> Path:
    folder = tmp_path / "official"
    folder.mkdir()
    films = [f"{id_}|{title}|01-Jan-1995||http://x|{flags(genres)}" for id_, title, _, _, genres in FILMS]
    (folder / "u.data").write_text(RATINGS)
    (folder / "u.item").write_bytes(("\n".join(films) + "\n\n").encode("latin-1"))
    (folder / "u.user").write_text("\n".join("|".join(user) for user in USERS) + "\n")
    return folder


@pytest.fixture
def recbole(tmp_path: Path) -> Path:
    folder = tmp_path / "recbole"
    folder.mkdir()
    films = ["\t".join((id_, title, year, genres)) for id_, _, title, year, genres in FILMS]
    (folder / "ml-100k.inter").write_text(INTER_HEADER + RATINGS)
    (folder / "ml-100k.item").write_text(ITEM_HEADER + "\n".join(films) + "\n", encoding="utf-8")
    (folder / "ml-100k.user").write_text(USER_HEADER + "\n".join("\t".join(user) for user in USERS) + "\n")
    return folder


def described(tables: Tables, item: str) -> Mapping[str, object]:
    return tables.items.row(by_predicate=pl.col("item") == item, named=True)


def assert_same(one: Tables, other: Tables) -> None:
    assert_frame_equal(one.interactions, other.interactions)
    assert_frame_equal(one.items, other.items)
    assert_frame_equal(one.users, other.users)


def test_both_layouts_are_recognised(official: Path, recbole: Path, tmp_path: Path) -> None:
    dataset = MovieLens100K()
    assert dataset.recognises(official)
    assert dataset.recognises(recbole)
    assert not dataset.recognises(tmp_path)
    assert not dataset.recognises(tmp_path / "nowhere")


def test_both_layouts_give_the_same_tables(official: Path, recbole: Path) -> None:
    assert_same(MovieLens100K().read(official), MovieLens100K().read(recbole))


@pytest.mark.parametrize("layout", ["official", "recbole"])
class TestTables:
    @pytest.fixture
    def tables(self, layout: str, request: pytest.FixtureRequest) -> Tables:
        return MovieLens100K().read(request.getfixturevalue(layout))

    def test_types(self, tables: Tables) -> None:
        ints, text = pl.Int64(), pl.String()
        assert tables.interactions.schema == {"user": text, "item": text, "rating": pl.Float64(), "timestamp": ints}
        assert tables.items.schema == {"item": text, "title": text, "year": ints, "genres": pl.List(pl.String)}
        assert tables.users.schema == {"user": text, "age": ints, "gender": text, "occupation": text, "zip": text}

    def test_title_and_year_are_apart(self, tables: Tables) -> None:
        assert described(tables, "242") == {"item": "242", "title": "Kolya", "year": 1996, "genres": ["Comedy"]}

    def test_only_the_last_year_is_taken(self, tables: Tables) -> None:
        film = described(tables, "1")
        assert (film["title"], film["year"]) == ('Quote "d" (1932)', 1995)

    def test_the_missing_title_is_missing(self, tables: Tables) -> None:
        assert described(tables, "267") == {"item": "267", "title": None, "year": None, "genres": []}

    def test_the_mark_of_direct_to_video_is_left_out(self, tables: Tables) -> None:
        film = described(tables, "1412")
        assert film["title"] == "Land Before Time III: The Time of the Great Giving"
        assert film["year"] == 1995
        assert film["genres"] == ["Animation", "Children's"]

    def test_letters_beyond_ascii(self, tables: Tables) -> None:
        assert described(tables, "543")["title"] == "Misérables, Les"

    def test_leading_zeros_stay(self, tables: Tables) -> None:
        assert tables.users["zip"].to_list() == ["55105", "00000", "40206"]

    def test_nothing_is_skipped(self, tables: Tables) -> None:
        assert tables.skipped == {}


class TestBadFiles:
    def test_malformed_rows_are_counted_by_reason(self, official: Path) -> None:
        with (official / "u.data").open("a") as file:
            file.write("1\t2\t3\n1\t2\tfive\t881250949\n1\t2\t3\t4\t5\n")
        with (official / "u.item").open("a") as file:
            file.write("9|Short row\n" + f"242|Again (1996)||||{flags('Drama')}\n")
        tables = MovieLens100K().read(official)
        assert tables.skipped == {
            "interactions: wrong number of fields": 2,
            "interactions: rating is not a number": 1,
            "items: wrong number of fields": 1,
            "items: repeated id": 1,
        }
        assert tables.interactions.height == 3
        assert described(tables, "242")["title"] == "Kolya", "the first description counts"

    def test_windows_line_ends(self, official: Path) -> None:
        before = MovieLens100K().read(official)
        for file in official.iterdir():
            file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
        assert_same(MovieLens100K().read(official), before)

    def test_another_header(self, recbole: Path) -> None:
        (recbole / "ml-100k.inter").write_text("user\titem\n1\t2\n")
        with pytest.raises(BadInput, match=r"ml-100k\.inter: its first line names no column"):
            MovieLens100K().read(recbole)

    def test_an_empty_file(self, official: Path) -> None:
        (official / "u.user").write_text("")
        with pytest.raises(BadInput, match=r"u\.user: the file is empty"):
            MovieLens100K().read(official)

    def test_another_encoding(self, recbole: Path) -> None:
        (recbole / "ml-100k.item").write_bytes(ITEM_HEADER.encode() + "1\tMisérables\t1995\tDrama\n".encode("latin-1"))
        with pytest.raises(BadInput, match=r"ml-100k\.item: not a text file in utf-8"):
            MovieLens100K().read(recbole)

    def test_another_folder(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match=r"neither u\.data"):
            MovieLens100K().read(tmp_path)


@pytest.mark.network
class TestPublishedData:
    @pytest.fixture
    def tables(self, movielens_folder: Path) -> Tables:
        return MovieLens100K().read(movielens_folder)

    def test_sizes(self, tables: Tables) -> None:
        assert (tables.interactions.height, tables.items.height, tables.users.height) == (100_000, 1682, 943)
        assert tables.skipped == {}

    def test_the_filtered_corpus(self, tables: Tables) -> None:
        corpus = build_corpus(tables, DataOptions())
        assert (corpus.n_users, corpus.n_items, len(corpus)) == (938, 1008, 54_413)
        assert corpus.digest == "c8acf02e2803af83"

    def test_the_other_layout_hashes_alike(self, movielens_folder: Path, tables: Tables, tmp_path: Path) -> None:
        if not (movielens_folder / "ml-100k.inter").is_file():
            pytest.skip("the official archive was fetched, and the official layout is written from the other one here")
        for old, new in (("inter", "u.data"), ("user", "u.user")):
            rows = (movielens_folder / f"ml-100k.{old}").read_text(encoding="utf-8").split("\n", 1)[1]
            (tmp_path / new).write_text(rows.replace("\t", "|") if new == "u.user" else rows, encoding="latin-1")
        films = (movielens_folder / "ml-100k.item").read_text(encoding="utf-8").splitlines()[1:]
        (tmp_path / "u.item").write_text("\n".join(map(self.officially, films)) + "\n", encoding="latin-1")
        other = MovieLens100K().read(tmp_path)
        assert_same(other, tables)
        assert build_corpus(other, DataOptions()).digest == build_corpus(tables, DataOptions()).digest

    @staticmethod
    def officially(row: str) -> str:
        item, title, year, genres = row.split("\t")
        full = "unknown" if item == "267" else f"{title} ({year})"
        return f"{item}|{full}|||http://x|{flags(genres)}"


def test_the_tables_have_what_every_grouping_of_the_card_reads(recbole: Path) -> None:
    tables = MovieLens100K().read(recbole)
    card = MovieLens100K.card
    for name in (*card.groupings, *card.further_groupings):
        grouping = definition(name)
        require_columns(grouping, tables.items if grouping.side == "item" else tables.users)
    assert not set(card.groupings) & set(card.further_groupings)


def test_the_card_says_which_further_groupings_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["data", "show", "movielens-100k"]) == 0
    assert "gender, age, occupation, activity, release_period: --group NAME" in capsys.readouterr().out

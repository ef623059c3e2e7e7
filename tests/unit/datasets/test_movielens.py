"""MovieLens-1M, latest-small and 32M in files as published; the real MovieLens-1M where it is at hand."""

import os
from pathlib import Path

import polars as pl
import pytest

from harness.base.errors import BadInput, Unavailable
from harness.data.sources.fetch import locate
from harness.plugins import Dataset
from harness.spec.run_spec import dataset_of

CSV = ("movielens-latest-small", "movielens-32m")


@pytest.fixture
def one_million() -> Dataset:
    return dataset_of("movielens-1m", {})


@pytest.fixture
def dat_folder(tmp_path: Path) -> Path:
    (tmp_path / "ratings.dat").write_text(
        "1::1193::5::978300760\n1::661::3::978302109\n\n1::661::4\n2::1193::x::978298413\n2::::4::978298413\n"
        "2::3000::4::978298413::0\r\n2::3000::4::978298413\r\n",
        encoding="latin-1",
    )
    (tmp_path / "movies.dat").write_bytes(
        "661::James and the Giant Peach (1996)::Animation|Children's|Musical\n"
        "1193::One Flew Over the Cuckoo's Nest (1975)::Drama\n"
        "3000::Cité des enfants perdus, La (City of Lost Children, The) (1995)::Adventure|Sci-Fi\n"
        '3001::"Quoted"; 7th :: Heaven (1998)::Drama\n'
        "661::Again (1996)::Drama\n".encode("latin-1")
    )
    (tmp_path / "users.dat").write_text(
        "1::F::1::10::48067\n2::M::56::16::70072\n3::M::25::21::55117\n4::M::45\n1::M::18::1::00000\n"
    )
    return tmp_path


class TestOneMillion:
    def test_interactions(self, one_million: Dataset, dat_folder: Path) -> None:
        tables = one_million.read(dat_folder)
        assert tables.interactions.cast({"user": pl.String, "item": pl.String}).rows() == [
            ("1", "1193", 5.0, 978300760),
            ("1", "661", 3.0, 978302109),
            ("2", "3000", 4.0, 978298413),
        ]
        assert tables.skipped == {
            "interactions: wrong number of fields": 2,
            "interactions: rating is not a number": 1,
            "interactions: no user or item": 1,
            "items: wrong number of fields": 1,
            "items: repeated id": 1,
            "users: wrong number of fields": 1,
            "users: repeated id": 1,
        }

    def test_films_in_latin_1(self, one_million: Dataset, dat_folder: Path) -> None:
        assert one_million.read(dat_folder).items.rows() == [
            ("661", "James and the Giant Peach", 1996, ["Animation", "Children's", "Musical"]),
            ("1193", "One Flew Over the Cuckoo's Nest", 1975, ["Drama"]),
            ("3000", "Cité des enfants perdus, La (City of Lost Children, The)", 1995, ["Adventure", "Sci-Fi"]),
        ]

    def test_people_and_what_their_codes_mean(self, one_million: Dataset, dat_folder: Path) -> None:
        assert one_million.read(dat_folder).users.rows() == [
            ("1", "F", 1, "K-12 student", "48067"),
            ("2", "M", 56, "self-employed", "70072"),
            ("3", "M", 25, None, "55117"),
        ]

    def test_missing_files_are_named(self, one_million: Dataset, dat_folder: Path) -> None:
        (dat_folder / "users.dat").unlink()
        assert not one_million.recognises(dat_folder)
        with pytest.raises(BadInput, match=r"missing users\.dat"):
            one_million.read(dat_folder)

    def test_the_published_films_and_users(self, one_million: Dataset, tmp_path: Path) -> None:
        if not (real := os.environ.get("HARNESS_TEST_DATA")):
            pytest.skip("HARNESS_TEST_DATA is not set: it names a folder with ml-1m/movies.dat and ml-1m/users.dat")
        for name in ("movies.dat", "users.dat"):
            (tmp_path / name).symlink_to(Path(real) / "ml-1m" / name)
        (tmp_path / "ratings.dat").write_text("1::1193::5::978300760\n")
        tables = one_million.read(tmp_path)
        assert (tables.items.height, tables.users.height) == (3883, 6040)
        assert tables.skipped == {}
        assert tables.items["year"].null_count() == 0
        assert tables.items["genres"].explode().n_unique() == 18
        assert tables.items["genres"].list.len().min() == 1
        assert tables.users["occupation"].n_unique() == 21
        assert tables.users["age"].unique().sort().to_list() == [1, 18, 25, 35, 45, 50, 56]


@pytest.fixture
def csv_folder(tmp_path: Path) -> Path:
    (tmp_path / "ratings.csv").write_text(
        "userId,movieId,rating,timestamp\n1,1,4.0,964982703\n1,3,0.5,964981247\n2,1,,1\n2,3,4.5\n3,1,5.0,nan\n"
    )
    (tmp_path / "movies.csv").write_text(
        "movieId,title,genres\r\n"
        "1,Toy Story (1995),Adventure|Animation\r\n"
        '3,"American President, The (1995)",Comedy|Drama\r\n'
        '4,"""Great Performances"" Cats (1998)",Musical\r\n'
        "5,Babylon 5,Sci-Fi\r\n"
        '6,"City of Lost Children, The (Cité des enfants perdus, La) (1995) ",(no genres listed)\r\n'
        "7,Fawlty Towers(1975-1979),Comedy\r\n"
        "8,Death Note: Desu nôto (2006–2007),(no genres listed)\r\n"
        "9,(1999),Drama\r\n"
        '10,"Never closed (1990),Drama\r\n'
        "11,,Drama\r\n",
        newline="",
    )
    return tmp_path


@pytest.mark.parametrize("name", CSV)
class TestCsvReleases:
    def test_ratings(self, name: str, csv_folder: Path) -> None:
        tables = dataset_of(name, {}).read(csv_folder)
        assert tables.interactions.cast({"user": pl.String, "item": pl.String}).rows() == [
            ("1", "1", 4.0, 964982703),
            ("1", "3", 0.5, 964981247),
            ("3", "1", 5.0, None),
        ]
        assert tables.skipped == {
            "interactions: wrong number of fields": 1,
            "interactions: rating is not a number": 1,
            "interactions: time is not a number, left empty": 1,
            "items: wrong number of fields": 1,
        }

    def test_films(self, name: str, csv_folder: Path) -> None:
        assert dataset_of(name, {}).read(csv_folder).items.rows() == [
            ("1", "Toy Story", 1995, ["Adventure", "Animation"]),
            ("3", "American President, The", 1995, ["Comedy", "Drama"]),
            ("4", '"Great Performances" Cats', 1998, ["Musical"]),
            ("5", "Babylon 5", None, ["Sci-Fi"]),
            ("6", "City of Lost Children, The (Cité des enfants perdus, La)", 1995, []),
            ("7", "Fawlty Towers", 1975, ["Comedy"]),
            ("8", "Death Note: Desu nôto", 2006, []),
            ("9", "(1999)", None, ["Drama"]),
            ("11", None, None, ["Drama"]),
        ]

    def test_another_header_is_named(self, name: str, csv_folder: Path) -> None:
        (csv_folder / "ratings.csv").write_text("user_id,movieId,rating,timestamp\n")
        with pytest.raises(BadInput, match=r"ratings\.csv: its first line names no column 'userId'.*'user_id'"):
            dataset_of(name, {}).read(csv_folder)

    def test_it_is_put_into_the_cache_by_hand(
        self, name: str, csv_folder: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home = tmp_path_factory.mktemp("home")
        monkeypatch.setenv("HARNESS_HOME", str(home))
        dataset = dataset_of(name, {})
        with pytest.raises(Unavailable, match=rf"put ml-.*\.zip itself, or .*movies\.csv.* into {home}"):
            locate(dataset, offline=True)
        (home / "data").mkdir()
        csv_folder.rename(home / "data" / name)
        assert locate(dataset, offline=True) == home / "data" / name

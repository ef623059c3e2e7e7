"""Book-Crossing and goodbooks-10k in files as published."""

from pathlib import Path

import polars as pl
import pytest

from harness.base.errors import BadInput
from harness.domain.tables import Tables
from harness.spec.run_spec import dataset_of


def rows(tables: Tables) -> list[tuple[object, ...]]:
    return tables.interactions.cast({"user": pl.String, "item": pl.String}).rows()


class TestBookCrossing:
    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "BX-Book-Ratings.csv").write_bytes(
            b'"User-ID";"ISBN";"Book-Rating"\n"276725";"034545104X";"0"\n"276726";"0155061224";"5"\n'
            b'"276729";"052165615X";"10"\r\n"276729";"052165615X"\n"276729";"";"3"\n"276729";"x";"NULL"\n'
        )
        link = b'"http://images.amazon.com/images/P/1.jpg"'
        links = b";".join([link] * 3)
        (tmp_path / "BX-Books.csv").write_bytes(
            b'"ISBN";"Book-Title";"Book-Author";"Year-Of-Publication";"Publisher";"Image-URL-S";"Image-URL-M";'
            b'"Image-URL-L"\n'
            b'"034545104X";"Flesh Tones: A Novel; again";"M. J. Rose";"2002";"Ballantine Books";' + links + b"\n"
            b'"0155061224";"Rites \\"of\\" Passage &amp; more";"Ren\xe9 Daumal";"0";"Gallimard";' + links + b"\n"
            b'"052165615X";"";"NULL";"2050";"";' + links + b"\n"
            b'"1";"Never closed;"a";"2001";"b";' + links + b"\n"
            b'"034545104X";"Twice";"x";"2001";"b";' + links + b"\n"
        )
        (tmp_path / "BX-Users.csv").write_bytes(
            b'"User-ID";"Location";"Age"\n"276725";"tyler, texas, usa";NULL\n'
            b'"276726";"m\xfcnchen, bayern, germany";"18"\n'
            b'"276729";"n/a, n/a, ";"239"\n"276730";"cernusco s\\";"milan, italy";NULL;x\n'
        )
        return tmp_path

    def test_explicit_ratings_only(self, folder: Path) -> None:
        tables = dataset_of("book-crossing", {}).read(folder)
        assert rows(tables) == [("276726", "0155061224", 5.0), ("276729", "052165615X", 10.0)]
        assert tables.skipped == {
            "interactions: not a line of its fields": 1,
            "interactions: no user or item": 1,
            "interactions: rating is not a number": 1,
            "interactions: without a rating": 1,
            "items: not a line of its fields": 1,
            "items: repeated id": 1,
            "users: not a line of its fields": 1,
        }

    def test_a_zero_is_no_rating(self, folder: Path) -> None:
        implicit = dataset_of("book-crossing", {"feedback": "implicit"}).read(folder)
        assert rows(implicit) == [("276725", "034545104X")]
        assert implicit.skipped["interactions: with a rating"] == 2
        assert "rating" not in dataset_of("book-crossing", {"feedback": "all"}).read(folder).interactions.columns

    def test_books(self, folder: Path) -> None:
        assert dataset_of("book-crossing", {}).read(folder).items.rows() == [
            ("034545104X", "Flesh Tones: A Novel; again", "M. J. Rose", "Ballantine Books", 2002),
            ("0155061224", 'Rites "of" Passage & more', "René Daumal", "Gallimard", None),
            ("052165615X", None, None, None, None),
        ]

    def test_people(self, folder: Path) -> None:
        assert dataset_of("book-crossing", {}).read(folder).users.rows() == [
            ("276725", "tyler, texas, usa", "usa", None),
            ("276726", "münchen, bayern, germany", "germany", 18),
            ("276729", "n/a, n/a,", None, None),
        ]

    def test_missing_files_are_named(self, tmp_path: Path) -> None:
        with pytest.raises(BadInput, match=r"missing BX-Book-Ratings\.csv, BX-Books\.csv, BX-Users\.csv"):
            dataset_of("book-crossing", {}).read(tmp_path)


class TestGoodbooks:
    HEADER = (
        "book_id,goodreads_book_id,best_book_id,work_id,books_count,isbn,isbn13,authors,original_publication_year,"
        "original_title,title,language_code,average_rating\n"
    )

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        (tmp_path / "ratings.csv").write_text("user_id,book_id,rating\n1,258,5\n2,4081,4\n2,260,5\n2,260,5\n3,260,\n")
        (tmp_path / "books.csv").write_text(
            self.HEADER + "258,1,1,1,9,439023483,9.78043902348e+12,Suzanne Collins,2008.0,The Hunger Games,"
            '"The Hunger Games (The Hunger Games, #1)",eng,4.34\n'
            '4081,3,3,3,9,1,9.7e+12,"J.K. Rowling, Mary GrandPré",-720.0,,The Odyssey &amp; more,,4.4\n'
            "260,3,3,3,9,1,9.7e+12,Anne Frank,,Het Achterhuis,,en-US,4.4\n"
            "261,3,3\n",
            encoding="utf-8",
        )
        return tmp_path

    def test_ratings(self, folder: Path) -> None:
        tables = dataset_of("goodbooks-10k", {}).read(folder)
        assert rows(tables) == [("1", "258", 5.0), ("2", "4081", 4.0), ("2", "260", 5.0), ("2", "260", 5.0)]
        assert tables.skipped == {
            "interactions: rating is not a number": 1,
            "items: wrong number of fields": 1,
        }
        assert tables.users["user"].to_list() == ["1", "2"]

    def test_books(self, folder: Path) -> None:
        assert dataset_of("goodbooks-10k", {}).read(folder).items.rows() == [
            ("258", "The Hunger Games (The Hunger Games, #1)", ["Suzanne Collins"], 2008, "eng"),
            ("4081", "The Odyssey & more", ["J.K. Rowling", "Mary GrandPré"], -720, None),
            ("260", "Het Achterhuis", ["Anne Frank"], None, "en-US"),
        ]

    def test_a_file_in_another_encoding_is_named(self, folder: Path) -> None:
        path = folder / "books.csv"
        path.write_bytes(path.read_text(encoding="utf-8").encode("latin-1"))
        with pytest.raises(BadInput, match=r"books\.csv: not a text file in utf-8"):
            dataset_of("goodbooks-10k", {}).read(folder)

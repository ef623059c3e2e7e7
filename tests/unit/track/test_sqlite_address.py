"""A file's address is read as that file by us and by SQLAlchemy, whatever is in its name."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import create_engine

from harness.base.errors import BadInput
from harness.track.sqlite_address import is_sqlite, named_file, sqlite_address

names = st.text(st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1, max_size=20)


@given(st.lists(names.filter(lambda name: name not in (".", "..") and name.strip()), min_size=1, max_size=3))
def test_any_path_comes_back(parts: list[str]) -> None:
    file = Path("/no/such/folder", *parts)
    address = sqlite_address(file)
    assert is_sqlite(address)
    assert named_file(address, "store", "x.db") == file


@pytest.mark.parametrize("name", ["plain", "h?a=b", "a%20b", "a b", "ü#;'&=", "{x}[1]", "q?uri=true", "a:b@c"])
def test_the_file_lies_where_it_is_named(tmp_path: Path, name: str) -> None:
    file = tmp_path / name / "x.db"
    file.parent.mkdir()
    engine = create_engine(sqlite_address(file))
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE mine (x)")
    engine.dispose()
    assert list(tmp_path.rglob("*.db")) == [file]
    with closing(sqlite3.connect(file)) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("mine",)]


@pytest.mark.parametrize("name", ["h?a=b", "a%20b", "ü #"])
def test_what_a_user_types_is_a_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    assert named_file(f"sqlite:///{tmp_path}/{name}/x.db", "store", "x.db") == tmp_path / name / "x.db"
    assert named_file(f"sqlite:///{name}/x.db", "store", "x.db") == tmp_path / name / "x.db"


@pytest.mark.parametrize("rest", ["", "/", "/:memory:", "x/y.db", "/  "])
def test_no_file(rest: str) -> None:
    with pytest.raises(BadInput, match=r"name a database file, for example sqlite:////home/me/x\.db"):
        named_file(f"sqlite://{rest}", "store", "x.db")


@pytest.mark.parametrize("option", ["?timeout=30", "?mode=ro&uri=true", "?check_same_thread=false"])
def test_options_are_refused_and_make_no_file_of_that_name(option: str) -> None:
    with pytest.raises(BadInput, match=r"options are not taken: leave \?"):
        named_file(f"sqlite:////tmp/x.db{option}", "store", "x.db")

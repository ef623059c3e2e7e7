"""Whatever is wrong with a card is one line that names the file, the key and the way to mend it."""

import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.base.errors import BadInput
from harness.data.table.card_dataset import from_card
from harness.data.table.card_file import read_card
from harness.data.table.card_folder import folder_of
from harness.domain.tables import Tables

CARD = """
name = "books"
title = "Books"
summary = "a few books"
homepage = ""
licence = "mine"
citation = "me"
groupings = ["genre", "popularity"]
default_group = "genre"

[interactions]
file = "loans.csv"
columns = { user = "who", item = "what", rating = "stars" }

[items]
file = "books.tsv"
split = { name = '^(?<title>.*) \\((?<year>\\d{4})\\)$' }

[items.columns]
item = "id"
title = "title"
year = { from = "year", type = "integer" }
genres = { from = "shelf", type = "list", separator = "|" }
"""
LOANS = "who,what,stars\nann,1,5\nann,2,3\nbob,1,4\n"
BOOKS = "id\tname\tshelf\n1\tEmma (1815)\tnovel|classic\n2\tDune (1965)\tnovel\n"

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """``write(old=new, loans=…, books=…)``: the card's path, with replacements in the card and files of one's own."""

    def _write(*replaced: tuple[str, str], loans: str = LOANS, books: str = BOOKS) -> Path:
        text = CARD
        for old, new in replaced:
            assert old in text
            text = text.replace(old, new)
        (tmp_path / "books.toml").write_text(text)
        (tmp_path / "loans.csv").write_text(loans)
        (tmp_path / "books.tsv").write_text(books)
        return tmp_path / "books.toml"

    return _write


def read(path: Path) -> Tables:
    dataset = from_card(path)()
    return dataset.read(dataset.lies_in())


def test_the_card_itself_is_right(write: Write) -> None:
    tables = read(write())
    assert tables.interactions.rows() == [("ann", "1", 5.0), ("ann", "2", 3.0), ("bob", "1", 4.0)]
    assert tables.items.rows() == [("1", "Emma", 1815, ["novel", "classic"]), ("2", "Dune", 1965, ["novel"])]
    assert tables.users.rows() == [("ann",), ("bob",)]
    assert tables.skipped == {}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('citation = "me"\n', 'citation = "me"\npublished = "March"\n', r"published.*'March'"),
        ('citation = "me"\n', 'citation = "me"\ncreators = [{ name = "A", kind = "club" }]\n', "creators.*kind"),
        ('file = "loans.csv"\n', "", r"'interactions.file' is missing: add it \(its name, relative to the folder\)"),
        ('title = "Books"', 'titel = "Books"', r"unknown key 'titel': did you mean 'title'\?"),
        ('licence = "mine"', "licence = 7", r"licence: .*string.*7"),
        ('name = "books"', 'name = "Books!"', r"name: a name is made of"),
        ('name = "books"', 'name = "other"', r"name = 'other', but the file is called books\.toml: rename"),
        ('["genre", "popularity"]', '["genres"]', r"groupings: unknown grouping 'genres': did you mean 'genre'\?"),
        ('["genre", "popularity"]', '["popularity"]', r"default_group = 'genre' is not among the groupings"),
        ('file = "loans.csv"', 'file = "../loans.csv"', r"interactions\.file: a name relative to the card's folder"),
        ('file = "loans.csv"', 'file = "loans.dat"', r"interactions: how are the fields of loans\.dat separated\?"),
        ('file = "loans.csv"', 'file = "loans.csv"\nencoding = "utf9"', r"interactions\.encoding: no such encoding"),
        ('file = "loans.csv"', 'file = "loans.csv"\nheader = false', r"interactions: .*header = false and fields"),
        (
            'file = "loans.csv"',
            'file = "loans.csv"\nheader = false\nfields = ["who", "id", "who"]',
            r"interactions: fields: two are called 'who'",
        ),
        ('file = "loans.csv"', 'file = "loans.csv"\nseparator = "::"', r"interactions: a csv file's separator is one"),
        ('file = "loans.csv"', 'file = "loans.csv"\nformat = "xml"', r"interactions\.format: .*'csv'.*'parquet'"),
        ('user = "who", ', "", r"'interactions\.columns\.user' is missing: add it"),
        ('rating = "stars"', 'ratings = "stars"', r"unknown key 'interactions\.columns\.ratings': did you mean 'rat"),
        ('type = "integer"', 'type = "int"', r"items\.columns\.year\.type: .*'integer'.*given: 'int'"),
        ('type = "integer"', 'typ = "integer"', r"unknown key 'items\.columns\.year\.typ': did you mean 'type'\?"),
        ('type = "integer"', 'separator = "|"', r"items\.columns\.year: a separator belongs to type = 'list'"),
        ('type = "integer"', 'type = "number", labels = { a = "b" }', r"items\.columns\.year: labels are text"),
        (
            'separator = "|"',
            'separator = "|", brackets = true',
            r"items\.columns\.genres: brackets belong to type = 'list'",
        ),
        ('item = "id"\n', "", r"items\.columns: add item = '…'"),
        ('title = "title"', '"My Title" = "title"', r"items\.columns: 'My Title' is no name for a column"),
        ("(?<title>.*)", "(?<title>.*", r"items\.split: .* is no regular expression: missing \)"),
        ("'^(?<title>.*) \\((?<year>\\d{4})\\)$'", "'^.*$'", r"items\.split: '\^\.\*\$' names no group"),
        ("[items]", "[items", r"not a TOML file"),
    ],
)
def test_a_bad_card_is_refused_with_its_key(write: Write, old: str, new: str, message: str) -> None:
    path = write((old, new))
    with pytest.raises(BadInput, match=message) as caught:
        read_card(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


def complaint(path: Path) -> str:
    """Why the card is refused; empty where it is read."""
    try:
        read(path)
    except BadInput as error:
        return str(error)
    return ""


Key = str | int


def keys(tree: Any, above: tuple[Key, ...] = ()) -> Iterator[tuple[Key, ...]]:
    """Where everything in a card stands."""
    for key, value in tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ():
        yield (*above, key)
        yield from keys(value, (*above, key))


def as_toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {as_toml(each)}" for key, each in value.items()) + "}"
    return f"[{', '.join(map(as_toml, value))}]" if isinstance(value, list) else json.dumps(value)


@pytest.mark.parametrize("key", list(keys(tomllib.loads(CARD))), ids=lambda key: ".".join(map(str, key)))
def test_any_key_missing_misspelt_or_of_another_type_is_one_line_or_right(write: Write, key: tuple[Key, ...]) -> None:
    """Whatever is done to one key of a card, it is read, or refused in one line that begins with the card's path."""
    path = write()

    def changed(change: Callable[[Any], None]) -> None:
        tree = tomllib.loads(CARD)
        table = tree
        for part in key[:-1]:
            table = table[part]
        change(table)
        path.write_text("\n".join(f"{json.dumps(name)} = {as_toml(value)}" for name, value in tree.items()))
        if message := complaint(path):
            assert message.startswith(f"{path}: ")
            assert "\n" not in message
            for jargon in ("tuple", "instance of", "dictionary", "spec:"):
                assert jargon not in message

    changed(lambda table: table.pop(key[-1]))
    if isinstance(key[-1], str):
        changed(lambda table: table.update({f"{key[-1]}x": table.pop(key[-1])}))
    for wrong in (7, -1.5, True, "", "zzz", [], ["zzz"], [3], {}, {"a": 1}):
        changed(lambda table, wrong=wrong: table.__setitem__(key[-1], wrong))  # type: ignore[misc]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('user = "who"', 'user = "whom"', r"interactions\.columns\.user: .*no field 'whom': did you mean 'who'\?"),
        ('from = "shelf"', 'from = "zzz"', r"items\.columns\.genres: .*no field 'zzz': it has id, name, shelf, title"),
        ("split = { name =", "split = { nam =", r"items\.split\.nam: .*no field 'nam': did you mean 'name'\?"),
        ("(?<year>", "(?<shelf>", r"items\.split\.name: .*has a field 'shelf' already"),
        ("{4}", "{5}", r"items\.split\.name: .*row 1: 'Emma \(1815\)' does not match .*, nor does any"),
        ('from = "year"', 'from = "title"', r"items\.columns\.year: .*row 1: 'Emma' in 'title' is no integer"),
        (
            'rating = "stars"',
            'rating = "who"',
            r"interactions\.columns\.rating: .*no valid value in 'who', such as 'ann'",
        ),
        (
            'rating = "stars"',
            'timestamp = "who"',
            r"interactions\.columns\.timestamp: .*such as 'ann': for dates such as 2024-03-01 write time_unit = 'iso'",
        ),
        ('file = "loans.csv"', 'file = "lons.csv"', r"lons\.csv: no such file"),
        ('file = "loans.csv"', 'file = "loans.csv"\nseparator = ";"', r"columns\.user: .*no field 'who'"),
        ('file = "loans.csv"', 'file = "loans.csv"\nformat = "parquet"', r"loans\.csv: not a readable parquet file"),
    ],
)
def test_a_card_that_does_not_fit_its_files_is_refused(write: Write, old: str, new: str, message: str) -> None:
    path = write((old, new))
    with pytest.raises(BadInput, match=message) as caught:
        read(path)
    assert "\n" not in str(caught.value)


def test_a_file_in_another_encoding_is_named(write: Write) -> None:
    path = write()
    (path.parent / "books.tsv").write_bytes("id\tname\tshelf\n1\tÉmile (1762)\tnovel\n".encode("latin-1"))
    with pytest.raises(BadInput, match=r"books\.tsv: not a text file in utf8: .*such as latin-1"):
        read(path)


def test_a_header_with_one_name_twice_is_refused(write: Write) -> None:
    with pytest.raises(BadInput, match=r"its first line names 'who' twice: rename one of the two"):
        read(write(loans="who,who,stars\nann,1,5\n"))


def test_a_file_without_a_whole_row_is_refused(write: Write) -> None:
    with pytest.raises(
        BadInput, match=r"interactions: .*none of its 2 rows has 3 fields separated by ','.*: mend 'sep"
    ):
        read(write(loans="who,what,stars\nann\nbob,1\n"))


def test_bad_rows_are_left_out_and_counted(write: Write) -> None:
    loans = f"{LOANS}cyd,1\n,2,4\ndan,2,many\ndan,2,inf\neve,,3\n"
    books = f"{BOOKS}2\tDune (1966)\tnovel\n3\tUntitled\t\n\tNobody (2000)\tnovel\n"
    tables = read(write(loans=loans, books=books))
    assert tables.interactions.rows() == read(write()).interactions.rows()
    assert tables.items.rows()[:2] == read(write()).items.rows()
    assert tables.items.rows()[2:] == [("3", None, None, [])]
    assert tables.skipped == {
        "interactions: wrong number of fields": 1,
        "interactions: no user": 1,
        "interactions: no item": 1,
        "interactions: rating is not a number": 2,
        "items: 'name' does not match its pattern, left empty": 1,
        "items: no item": 1,
        "items: repeated id": 1,
    }


def test_a_row_that_lacks_only_its_time_stays_and_is_counted(write: Write) -> None:
    path = write(
        ('rating = "stars" }', 'rating = "stars", timestamp = "lent" }\ntime_unit = "iso"'),
        loans="who,what,stars,lent\nann,1,5,1970-01-02\nann,2,3,soon\n",
    )
    tables = read(path)
    assert tables.interactions.rows() == [("ann", "1", 5.0, 86400), ("ann", "2", 3.0, None)]
    assert tables.skipped == {"interactions: timestamp is not a date, left empty": 1}


def test_the_folder_may_hold_variables(write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(('title = "Books"', 'title = "Books"\nfolder = "${SHELVES}/old"'))
    monkeypatch.delenv("SHELVES", raising=False)
    with pytest.raises(BadInput, match=r"folder: the environment variable SHELVES is not set: set it or use --data"):
        folder_of(read_card(path), path)
    monkeypatch.setenv("SHELVES", str(tmp_path / "s"))
    assert folder_of(read_card(path), path) == tmp_path / "s" / "old"


def test_dates_that_nobody_can_read_get_the_list_of_forms(write: Write) -> None:
    card = write(
        ('rating = "stars" }', 'timestamp = "lent" }\ntime_unit = "iso"'),
        loans="who,what,lent\nann,1,01/03/2024\nbob,1,02/03/2024\n",
    )
    with pytest.raises(BadInput, match=r"such as '01/03/2024': dates are written 2024-03-01, 2024/3/1, 20240301, "):
        read(card)


def test_all_that_is_wrong_with_a_card_is_one_line(write: Write) -> None:
    path = write(
        ('title = "Books"', 'titel = "Books"'),
        ('name = "books"', 'name = "other"'),
        ('["genre", "popularity"]', '["genres", "popularitee"]'),
        ('file = "loans.csv"', 'file = "/etc/passwd"\nencoding = "utf9"'),
        ('type = "integer"', 'separator = "|"'),
        ('item = "id"\n', ""),
    )
    with pytest.raises(BadInput) as caught:
        read_card(path)
    told = str(caught.value)
    assert "\n" not in told
    for part in (
        "unknown key 'titel': did you mean 'title'?",
        "name = 'other', but the file is called books.toml",
        "groupings: unknown grouping 'genres': did you mean 'genre'?; unknown grouping 'popularitee'",
        "interactions.file: a name relative to the card's folder is needed, without '..' (given: '/etc/passwd')",
        "interactions.encoding: no such encoding",
        "items.columns.year: a separator belongs to type = 'list'",
    ):
        assert part in told, part


def test_all_that_is_missing_is_one_line(write: Write) -> None:
    path = write(('file = "loans.csv"\n', ""), ('user = "who", item = "what", ', ""), ('file = "books.tsv"\n', ""))
    with pytest.raises(BadInput) as caught:
        read_card(path)
    for key in ("interactions.file", "interactions.columns.user", "interactions.columns.item", "items.file"):
        assert f"'{key}' is missing: add it" in str(caught.value)


def test_only_what_cannot_be_guessed_is_required(tmp_path: Path) -> None:
    card = tmp_path / "loans.toml"
    card.write_text('[interactions]\nfile = "loans.csv"\ncolumns = { user = "who", item = "what" }\n')
    read = read_card(card)
    assert (read.name, read.title, read.summary) == ("loans", "loans", "loans")
    assert (read.groupings, read.default_group) == (("popularity",), "popularity")
    assert (read.homepage, read.licence, read.citation) == ("", "", "")


def test_all_fields_that_a_file_lacks_are_one_line(write: Write) -> None:
    with pytest.raises(BadInput, match=r"columns\.user: .*no field 'whom'.*; .*columns\.rating: .*no field 'star'"):
        read(write(('user = "who"', 'user = "whom"'), ('rating = "stars"', 'rating = "star"')))

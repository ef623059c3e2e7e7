"""``harness data new``: what it says, writes, refuses and leaves alone; the command that it ends with works."""

import shlex
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.base import paths
from harness.cli.app import main

Told = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, with loans and books in it, and a home of the test's own."""
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    here = tmp_path / "my files"
    here.mkdir()
    monkeypatch.chdir(here)
    pairs = [f"r{user},{(user * 7 + step) % 40},{1 if step < 5 else 10}" for user in range(40) for step in range(20)]
    (here / "loans.csv").write_text("\n".join(["reader,book,stars", *pairs]))
    books = [f"{book},Book {book},{'prose' if book % 3 else 'verse'}" for book in range(40)]
    (here / "books.csv").write_text("\n".join(["id,title,genre", *books]))
    return here


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """``told(…)``: exit code, output and errors of ``harness data new``."""

    def _told(*arguments: str) -> tuple[int, str, str]:
        code = main(["data", "new", *arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return _told


def test_it_tells_writes_audits_and_ends_with_a_command_that_works(
    folder: Path, told: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out, _ = told("books", "loans.csv", "books.csv")
    assert code == 0
    for expected in (
        "interactions: 800 rows, 3 columns",
        "'reader': 40 different ids, such as 'r0'",
        "not sure     ratings of at least 7.75 count as praise",
        "groups of genre",
        "homepage  where the data come from",
    ):
        assert expected in out
    command = out.splitlines()[-1].removeprefix("next: ")
    assert command == "harness run --method bifair --dataset books.toml --set data.min_rating=7.75"
    arguments = shlex.split(command)[1:]
    arguments[arguments.index("bifair")] = "most_popular"
    assert main([*arguments, "--tracking-uri", "none"]) == 0
    assert "most_popular on books, trained on genre groups" in capsys.readouterr().out
    assert main(["data", "show", "books.toml"]) == 0
    assert "not said" in capsys.readouterr().out


def test_a_dry_run_prints_the_card_alone_and_writes_nothing(folder: Path, told: Told) -> None:
    code, out, _ = told("books", "loans.csv", "books.csv", "--dry-run")
    assert code == 0
    card = tomllib.loads(out)
    assert card["interactions"]["columns"] == {"user": "reader", "item": "book", "rating": "stars"}
    assert "# user: 'reader': 40 different ids" in out
    assert sorted(path.name for path in folder.iterdir()) == ["books.csv", "loans.csv"]


def test_a_card_is_written_over_by_force_alone(folder: Path, told: Told) -> None:
    (folder / "books.toml").write_text("# mine\n")
    code, _, err = told("books", "loans.csv", "books.csv")
    assert (code, (folder / "books.toml").read_text()) == (2, "# mine\n")
    assert "--force writes over it" in err
    assert told("books", "loans.csv", "books.csv", "--force")[0] == 0
    assert tomllib.loads((folder / "books.toml").read_text())["items"]["file"] == "books.csv"


def test_flags_name_columns(folder: Path, told: Told) -> None:
    (folder / "loans.csv").write_text((folder / "loans.csv").read_text().replace("reader,book,stars", "a,b,c"))
    (folder / "books.csv").write_text((folder / "books.csv").read_text().replace("title", "x"))
    assert told("books", "loans.csv", "books.csv", "--dry-run")[0] == 2
    flags = ["--user", "a", "--item", "b", "--rating", "c", "--title", "x"]
    code, out, _ = told("books", "loans.csv", "books.csv", *flags, "--dry-run")
    assert code == 0
    card = tomllib.loads(out)
    assert card["interactions"]["columns"] == {"user": "a", "item": "b", "rating": "c"}
    assert card["items"]["columns"]["title"] == "x"


def test_files_of_several_folders_get_their_card_where_these_meet(folder: Path, told: Told) -> None:
    (folder / "sub").mkdir()
    (folder / "loans.csv").rename(folder / "sub" / "loans.csv")
    code, out, _ = told("books", "sub/loans.csv", str(folder / "books.csv"))
    assert code == 0
    assert "--dataset books.toml" in out.splitlines()[-1]
    assert tomllib.loads((folder / "books.toml").read_text())["interactions"]["file"] == "sub/loans.csv"


LOANS = "reader,book\n" + "\n".join(f"r{user},{item}" for user in range(8) for item in range(8))


@pytest.mark.parametrize(
    ("content", "arguments", "message"),
    [
        (LOANS, ["Books", "f.csv"], "name: a name is made of a-z, 0-9 and -"),
        (LOANS, ["books", "g.csv"], "g.csv: no such file"),
        (LOANS, ["books", "f.csv", "f.csv"], "f.csv is given twice"),
        (LOANS, ["books", "f.csv", "--user", "raeder"], "no file has a column 'raeder': did you mean 'reader'?"),
        (LOANS, ["books", "f.csv", "--user", "book", "--item", "book"], "--user and --item name two columns"),
        (LOANS, ["books", "f.csv", "--rating", "reader"], "'reader' holds no numbers, such as 'r0'"),
        (LOANS, ["books", "f.csv", "--time", "reader"], "'reader' holds neither dates nor seconds"),
        (LOANS, ["books", "f.csv", "--title", "name"], "no file that describes items has a column 'name'"),
        ("", ["books", "f.csv"], "f.csv: the file is empty"),
        ("reader,book\n", ["books", "f.csv"], "f.csv: it has no rows"),
        ("one\ntwo\n", ["books", "f.csv"], "divided evenly by neither commas, semicolons, tabs"),
        ("1 2 3\n1 2\n1 2 3 4\n1\n", ["books", "f.csv"], "divided evenly by neither commas, semicolons, tabs"),
        ("reader,book\r1,2\r", ["books", "f.csv"], "its lines end as those of old Macs do"),
        (
            "Loans 2024,\n1,2\n",
            ["books", "f.csv"],
            "cannot be told from 'Loans 2024', '(unnamed 2)' (its first line must",
        ),
        ('{"reader": 1}\n', ["books", "f.csv"], "looks like JSON"),
        ("sep=;\nreader;book\n1;2\n", ["books", "f.csv"], "is for Excel alone: remove it"),
        ("a,b,c\n1,1,1\n1,2,1\n2,1,1\n", ["books", "f.csv"], "--user COLUMN --item COLUMN"),
        ("user,user\n1,2\n", ["books", "f.csv"], "its first line names 'user' twice"),
        ("PK\x03\x04", ["books", "f.csv"], "is a zip file: unpack it"),
        ("PK\x03\x04", ["books", "f.xlsx"], "is a workbook of a spreadsheet: save it as CSV, a file per sheet"),
        (LOANS, ["books", "f.csv", "other.csv"], "no column of it has the users ('r0', "),
        (LOANS, ["books", "f.csv", "i.csv", "j.csv"], "both describe items: give one of them"),
    ],
)
def test_what_cannot_be_guessed_is_one_line_and_leaves_nothing(
    content: str, arguments: list[str], message: str, folder: Path, told: Told
) -> None:
    for name in ("f.csv", "f.xlsx"):
        (folder / name).write_text(content, newline="")
    (folder / "other.csv").write_text("isbn,title\nx,y\n")
    for name in ("i.csv", "j.csv"):
        (folder / name).write_text("book,title\n1,One\n2,Two\n")
    before = sorted(path.name for path in folder.iterdir())
    code, _, err = told(*arguments)
    assert code == 2
    assert message in err
    assert len(err.splitlines()) == 1
    assert sorted(path.name for path in folder.iterdir()) == before

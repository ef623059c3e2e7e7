"""Pages of documentation as tests run them: their blocks, and a small data set in the place of MovieLens."""

import contextlib
import gzip
import io
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl
import pytest

import harness as h
from harness.cli.app import main
from harness.plugins.registry import registry

ROOT = Path(__file__).resolve().parents[2]
DATA = "movielens-100k"
LITTLE = "little"
N_USERS, N_ITEMS = 90, 110
CARD = """
name = "little"
title = "Little"
summary = "films that nobody has seen"
homepage = ""
licence = "none"
citation = "none"
groupings = ["genre", "popularity"]
default_group = "genre"
[interactions]
file = "ratings.csv"
columns = { user = "user", item = "item", rating = "rating", timestamp = "time" }
[items]
file = "films.csv"
[items.columns]
item = "item"
title = "title"
year = { from = "year", type = "integer" }
genres = { from = "genres", type = "list", separator = "|" }
"""
MARK = r"(?P<mark>\*Not run by the tests[^\n]*\*\n\n|<!-- (?:run|test)-command -->\n)?"
"""What stands above a block that is not executed; the README's two commands install what the tests run in."""
BLOCK = re.compile(rf"^{MARK}```(?P<language>\w+)\n(?P<text>.*?)^```$", re.M | re.S)
FILE_NAME = re.compile(r"# ([\w-]+\.(?:py|toml))\b")
RUN_ID = re.compile(r"\bRUN\b|\b[0-9a-f]{32}\b")
SMALL = {"sensitivity": ["--trials", "1"], "main": ["--trials", "1", "--seeds", "1"]}


@dataclass(frozen=True)
class Block:
    """A block of a page.

    Attributes:
        language: what it is written in
        text: without the fences
        run: whether it is executed; a line in italics above it says why not
    """

    language: str
    text: str
    run: bool

    @property
    def file(self) -> str:
        """The file that it is, by its first line; empty: it is none."""
        found = FILE_NAME.match(self.text)
        return found[1] if found else ""


def blocks_of(page: Path) -> list[Block]:
    found = BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [Block(block["language"], block["text"], block["mark"] is None) for block in found]


def cells_of(notebook: Path) -> list[Block]:
    """The cells of a notebook that are code."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return [Block("python", "".join(cell["source"]), True) for cell in cells if cell["cell_type"] == "code"]


@dataclass
class Reader:
    """Somebody who does what a page says, in a folder of their own, on a small data set and in this process."""

    folder: Path
    names: dict[str, Any] = field(default_factory=dict)

    def do(self, block: Block) -> None:
        """Execute a block of Python or of a shell; keep one that is a file; any other TOML has to be TOML."""
        text = block.text.replace(DATA, LITTLE)
        if block.language == "toml":
            tomllib.loads(text)
        if block.file:
            compile(text, block.file, "exec") if block.language == "python" else None
            (self.folder / block.file).write_text(text, encoding="utf-8")
        elif block.language == "python":
            exec(compile(self._with_runs(text), "page", "exec"), self.names)
        elif block.language == "sh":
            for line in text.replace("\\\n", " ").splitlines():
                self._type(line)

    def _type(self, line: str) -> None:
        """A line of a shell: the harness's in this process, since it takes seconds to start."""
        words = shlex.split(self._with_runs(line), comments=True)
        if words[:1] != ["harness"]:
            subprocess.run(["bash", "-euc", line], check=True, cwd=self.folder, env=_environment(), timeout=120)
            return
        said = io.StringIO()
        with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            code = main([*words[1:], *_small(words)])
        assert code == 0, f"{line}\n{said.getvalue()}"

    def _with_runs(self, text: str) -> str:
        """Ids of runs in their places: the newest, then the one before it, …"""
        if not RUN_ID.search(text):
            return text
        runs = iter(h.find_runs(dataset=LITTLE, evaluated="test"))
        return RUN_ID.sub(lambda _: next(runs).id, text)


def _small(words: list[str]) -> list[str]:
    """What makes a command small, where it does not say so itself."""
    if words[1] != "run":
        return []
    study = words[words.index("--study") + 1] if "--study" in words else ""
    more = [] if "--dataset" in words or study.endswith(".toml") else ["--dataset", LITTLE]
    if study and "--budget" not in words and "--trials" not in words:
        more += ["--budget", "smoke"]
    return [*more, *SMALL.get(study, [])]


def _environment() -> dict[str, str]:
    bin_ = Path(sys.executable).parent
    return {**os.environ, "PATH": f"{bin_}{os.pathsep}{os.environ.get('PATH', '')}", "PYTHONPATH": str(ROOT)}


@pytest.fixture(scope="session")
def page_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the small data set, and two runs on it that pages may speak of."""
    folder = tmp_path_factory.mktemp("pages")
    _write_ratings(folder / "ratings.csv", ("user", "item", "rating", "time"))
    _write_films(folder / "films.csv", ("item", "title", "year", "genres"))
    (folder / "little.toml").write_text(CARD)
    with pytest.MonkeyPatch.context() as patch, registry.afresh():
        patch.setenv("HARNESS_HOME", str(folder / "home"))
        assert main(["data", "add", str(folder / "little.toml")]) == 0
        for method in ("alpharec", "bifair"):
            assert main(["run", "--method", method, "--dataset", LITTLE]) == 0
    return folder / "home"


@pytest.fixture
def reader(page_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fresh_registry: Any) -> Reader:
    """In a folder with the files that pages take for granted, and with the tables that they name."""
    monkeypatch.setenv("HARNESS_HOME", str(page_home))
    monkeypatch.chdir(tmp_path)
    for page in sorted((ROOT / "docs").rglob("*.md")):
        for block in blocks_of(page):
            if block.file and block.language == "python":
                (tmp_path / block.file).write_text(block.text, encoding="utf-8")
    _write_ratings(tmp_path / "loans.csv", ("reader", "book", "stars", "lent"))
    _write_films(tmp_path / "books.csv", ("book", "title", "year", "genres"))
    monkeypatch.setenv("LIBRARY", str(tmp_path))
    _write_library(tmp_path / "2026")
    return Reader(tmp_path, _tables(tmp_path))


def _tables(folder: Path) -> dict[str, Any]:
    loans, books = pl.read_csv(folder / "loans.csv"), pl.read_csv(folder / "books.csv")
    items = books.with_columns(pl.col("genres").str.split("|"))
    pairs = loans.select(user="reader", item="book")
    training, test = pairs.gather_every(2), pairs.gather_every(2, 1)
    known = {user: {*rows["item"]} for (user,), rows in training.group_by("user")}
    lists = {user: [item for item in range(1, N_ITEMS + 1) if item not in known[user]][:20] for user in known}
    return {
        "interactions": loans,
        "items": items.rename({"book": "item"}),
        "users": loans.select(user="reader").unique(),
        "lists": lists,
        "training": training,
        "test": test,
    }


def _write_ratings(path: Path, columns: tuple[str, ...]) -> None:
    """Everybody rates a third of the films, more often one of their own corner."""
    rows = [
        (user, item, 4 + (user * item) % 2, 1_700_000_000 + 100 * user + item)
        for user in range(1, N_USERS + 1)
        for item in range(1, N_ITEMS + 1)
        if (7 * user + 11 * item + (user % 3 == item % 3)) % 5 < 2
    ]
    pl.DataFrame(rows, schema=[*columns], orient="row").write_csv(path)


def _write_films(path: Path, columns: tuple[str, ...]) -> None:
    names, genres = ("Night", "River", "Stone"), ("Drama", "Comedy", "War")
    rows = [
        (i, f"{names[i % 3]} {names[i // 3 % 3]} {i}", 1980 + i % 30, "|".join({genres[i % 3], genres[i // 5 % 3]}))
        for i in range(1, N_ITEMS + 1)
    ]
    pl.DataFrame(rows, schema=[*columns], orient="row").write_csv(path)


def _write_library(folder: Path) -> None:
    """The files that the card on the page about one's own data describes."""
    folder.mkdir()
    _write_ratings(folder / "loans.csv", ("reader", "book", "stars", "lent"))
    loans = pl.read_csv(folder / "loans.csv").with_columns(lent=pl.lit("2026-03-01"))
    (folder / "loans.csv.gz").write_bytes(gzip.compress(loans.write_csv().encode()))
    _write_films(folder / "books.csv", ("id", "title", "year", "genres"))
    books = pl.read_csv(folder / "books.csv").iter_rows(named=True)
    lines = [f"{book['id']}::{book['title']} ({book['year']})::{book['genres']}\n" for book in books]
    (folder / "books.dat").write_text("".join(lines), encoding="latin-1")
    readers = pl.DataFrame({"id": range(1, N_USERS + 1), "age": [20 + i % 40 for i in range(N_USERS)]})
    readers.write_csv(folder / "readers.tsv", separator="\t")


@pytest.fixture(scope="session")
def blocks() -> Any:
    """``blocks(page)``: those of a page, or the cells of a notebook, in order."""
    return lambda page: cells_of(page) if page.suffix == ".ipynb" else blocks_of(page)

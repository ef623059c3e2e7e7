"""Data files that are damaged in any way are read or refused in one line: no traceback, nothing half-written."""

import gzip
import io
import json
import random
import shutil
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from harness.base import paths
from harness.base.errors import HarnessError
from harness.cli.app import main
from harness.data.sources.fetch import cached_folder, locate
from harness.domain.card import ArchiveSource, Card
from harness.domain.tables import Tables
from harness.plugins import Dataset
from harness.spec.run_spec import dataset_of

CARD = """
name = "books"
title = "Books"
summary = "a few books"
homepage = ""
licence = "mine"
citation = "me"
groupings = ["popularity"]
default_group = "popularity"
[interactions]
file = "{file}"
columns = {{ user = "who", item = "what", rating = "stars", timestamp = "lent" }}
"""
ROWS = [(f"u{n % 9}", f"b,{n % 7}" if n % 5 else f'b"{n}"', n % 5 + 1, 1_700_000_000 + n) for n in range(60)]
TABLE = pl.DataFrame(ROWS, schema=["who", "what", "stars", "lent"], orient="row")


def csv_file() -> bytes:
    return TABLE.write_csv().encode()


def tsv_file() -> bytes:
    return TABLE.write_csv(separator="\t", quote_style="never").encode()


def parquet_file() -> bytes:
    buffer = io.BytesIO()
    TABLE.write_parquet(buffer)
    return buffer.getvalue()


def packed_file() -> bytes:
    return gzip.compress(csv_file())


FILES: dict[str, Callable[[], bytes]] = {
    "t.csv": csv_file,
    "t.tsv": tsv_file,
    "t.parquet": parquet_file,
    "t.csv.gz": packed_file,
}


def mutated(content: bytes, chance: random.Random) -> bytes:
    """A few bytes flipped, put in, taken away, written over, repeated or put somewhere else; or the end is missing."""
    changed = bytearray(content)
    for _ in range(chance.randint(1, 4)):
        place, length = chance.randrange(len(changed) or 1), chance.choice([1, 1, 2, 8, 64])
        piece = bytes(changed[place : place + length])
        changed[place : place + chance.choice([0, length])] = chance.choice(
            [
                bytes(byte ^ 1 << chance.randrange(8) for byte in piece),
                chance.randbytes(length),
                b"",
                b"\0" * length,
                b"\xff\xfe",
                b"\r\n\r",
                b'"' * length,
                b"," * length,
                b"\x1b[2J",
                piece * 3,
                "é日\u202e".encode(),
                b"-1e999",
            ]
        )
    return bytes(changed[: chance.choice([len(changed)] * 3 + [chance.randrange(len(changed) + 1)])])


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(paths.HOME_VARIABLE, str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.mark.parametrize("file", FILES)
def test_tables_of_a_card(file: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    chance, right = random.Random(file), FILES[file]()
    card = tmp_path / "books.toml"
    card.write_text(CARD.format(file=file))
    codes = []
    for content in (right, b"", *(mutated(right, chance) for _ in range(60))):
        (tmp_path / file).write_bytes(content)
        codes.append(main(["data", "add", str(card)]))
        said = capsys.readouterr()
        kept = paths.cards_folder() / card.name
        assert kept.is_file() is (codes[-1] == 0), said
        if codes[-1]:
            assert codes[-1] == 2, said
            assert said.err.startswith(f"error: {card}: interactions"), said
            assert said.err.count("\n") == 1, said
            assert "\x1b" not in said.err
        kept.unlink(missing_ok=True)
    assert codes[0] == 0
    assert codes.count(2) > 5


REVIEWS = [
    {"reviewerID": f"A{n % 7}", "asin": f"B{n % 5}", "overall": n % 5 + 1.0, "unixReviewTime": 1_400_000_000 + n}
    for n in range(40)
]
BOOKS = [{"asin": f"B{n}", "title": f"Book {n}", "categories": [["Books", "é"]], "brand": "x"} for n in range(5)]


@pytest.mark.parametrize("packed", [False, True])
def test_records_line_by_line(packed: bool, tmp_path: Path) -> None:
    """Amazon's files: one JSON object, or one Python dictionary, a line."""
    chance = random.Random(11)
    dataset = dataset_of("amazon-2014", {"category": "Beauty"})
    reviews, books = tmp_path / "reviews_Beauty_5.json.gz", tmp_path / "meta_Beauty.json.gz"
    right = {
        reviews: "".join(f"{json.dumps(review)}\n" for review in REVIEWS).encode(),
        books: "".join(f"{book!r}\n" for book in BOOKS).encode(),
    }
    refused = 0
    for number in range(61):
        for path, content in right.items():
            changed = mutated(content, chance) if number else content
            path.write_bytes(mutated(gzip.compress(content), chance) if packed and number else gzip.compress(changed))
        told = complaint(partial(dataset.read, tmp_path))
        assert not told or number, told
        refused += bool(told)
    assert refused < 61


def complaint(read: Callable[[], object]) -> str:
    """The one line that says why something is not read; empty where it is."""
    try:
        read()
    except HarnessError as error:
        told = str(error)
    else:
        return ""
    assert told
    assert "\n" not in told
    return told


class Toy(Dataset):
    name = "toy"
    summary = "for tests"
    card = Card(
        title="Toy",
        homepage="",
        licence="free",
        citation="Toy",
        sources=(ArchiveSource(url="https://toy.invalid/toy.zip"),),
        groupings=("genre",),
        default_group="genre",
    )

    def recognises(self, folder: Path) -> bool:
        return (folder / "ratings.txt").is_file()

    def read(self, folder: Path) -> Tables:
        return Tables(pl.DataFrame(), pl.DataFrame(), pl.DataFrame())


def archive(names: dict[str, bytes], how: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", how) as made:
        for name, content in names.items():
            made.writestr(name, content)
    return buffer.getvalue()


def unpacked(content: bytes) -> str:
    """What is said of an archive that was put into the data set's folder; empty where it is unpacked."""
    folder = cached_folder(Toy())
    shutil.rmtree(folder.parent, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "toy.zip").write_bytes(content)
    told = complaint(lambda: locate(Toy()))
    left = [path.name for path in folder.parent.iterdir() if path.name not in ("toy", "toy.lock")]
    if told:
        assert sorted(path.name for path in folder.iterdir()) == ["toy.zip"], "nothing is unpacked in part"
        assert left == [], "nothing lies about"
    else:
        assert (folder / "source.json").is_file()
    return told


METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)


@pytest.mark.parametrize("how", METHODS)
def test_zip_files(how: int) -> None:
    chance = random.Random(how)
    right = archive({"toy/ratings.txt": b"1 2 5\n" * 200, "toy/items.txt": b"2 Two\n" * 50}, how)
    assert unpacked(right) == ""
    told = [unpacked(mutated(right, chance)) for _ in range(40)]
    assert sum(map(bool, told)) > 10


def encrypted() -> bytes:
    """As a zip program would mark it: bit 0 of the flags, in both headers."""
    content = bytearray(archive({"ratings.txt": b"1 2 5\n"}))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + offset] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (encrypted(), "'ratings.txt' is encrypted: unpack it by hand"),
        (archive({"N": b"x", "ratings.txt": b"y"}).replace(b"N", b"\0"), "unsafe member ''"),
        (archive({"/": b"", "ratings.txt": b"y"}), ""),
        (archive({".": b"x", "ratings.txt": b"y"}), "unsafe member '.'"),
        (archive({"../ratings.txt": b"y"}), "unsafe member"),
        (archive({"a": b"x", "a/ratings.txt": b"y"}), "unsafe member 'a'"),
        (archive({}), "its files are not toy's"),
        (b"", "not a readable zip file"),
        (b"PK\x05\x06" + b"\0" * 18, "its files are not toy's"),
    ],
    ids=["encrypted", "no name", "root", "dot", "parent", "file and folder", "no member", "empty", "end alone"],
)
def test_odd_zip_files(content: bytes, message: str) -> None:
    told = unpacked(content)
    assert message in told if message else not told

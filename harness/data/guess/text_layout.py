"""How a text file is written: its encoding, what stands between fields, whether quotes mean something, its header."""

import csv
import re
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from harness.base.errors import SHORT, BadInput
from harness.data.guess.words import COUNT, ITEM, RATING, TIME, TITLE, USER, words
from harness.data.readers.text_blocks import BYTE_ORDER_MARK, blocks
from harness.data.table.times import DATES, as_seconds

SEPARATORS = ("\t", ";", ",", "|", "::", " ")
"""What is tried; a blank only where nothing else divides the lines."""
CALLED = {"\t": "tabs", " ": "blanks"}
SAMPLE = 2_000
"""Lines that are looked at."""
FEW = 50
"""Lines whose values are looked at to tell a header."""
EVEN = 0.9
"""The share of lines that must have as many fields as the first one."""
_ENCODINGS = ("utf8", "cp1252", "latin-1")
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?([eE][+-]?\d+)?")


@dataclass(frozen=True)
class TextLayout:
    """Keys of a card's table for the file (without its name), and the same in words.

    Attributes:
        keys: ``separator``, ``format``, ``encoding``, ``header``, ``fields``, where they are not the defaults
        told: for people
        doubts: what may be otherwise
    """

    keys: dict[str, object]
    told: str
    doubts: tuple[str, ...]


def text_layout(path: Path, known: Collection[str]) -> TextLayout:
    """How the text in ``path`` is written.

    Args:
        known: names of fields that its first line has if any of them is in it

    Raises:
        BadInput: where it is no table of text.
    """
    raw = b"".join(blocks(path))
    encoding, text = _decoded(raw)
    if not text.strip():
        raise BadInput(f"{path}: the file is empty")
    if "\r" in text and "\n" not in text:
        raise BadInput(
            f"{path}: its lines end as those of old Macs do (CR alone): save it with the ends of another system"
        )
    first = text.partition("\n")[0].strip()
    if first[:1] in ("{", "["):
        raise BadInput(f"{path}: this looks like JSON: write it as CSV or parquet, as pandas does from read_json")
    if re.fullmatch(r"sep=.", first):
        raise BadInput(f"{path}: its first line, {first!r}, is for Excel alone: remove it")
    lines = text.split("\n", SAMPLE)[:SAMPLE]
    separator, quoted = _separator(path, lines)
    rows = _rows(lines, separator, quoted)
    header, sure = _has_header(rows, known)
    keys = _format_keys(path, separator, quoted, '"' in text)
    if encoding != "utf8":
        keys["encoding"] = encoding
    doubts = []
    if not header:
        keys |= {"header": False, "fields": [f"column_{place}" for place in range(1, len(rows[0]) + 1)]}
        doubts.append(f"{path.name}: its first line names no columns, so they are called column_1, column_2, …")
    elif not sure:
        doubts.append(f"{path.name}: its first line is taken for the columns' names: {', '.join(rows[0])[:SHORT]}")
    if encoding in _ENCODINGS[1:]:
        example = next(word for word in re.split(rf'["\s]+|{re.escape(separator)}', text) if not word.isascii())
        doubts.append(f"{path.name}: its encoding is taken for {encoding}, so that it has {example[:SHORT]!r}")
    between = CALLED.get(separator, f"'{separator}'")
    quotes = ", with quotes" * quoted
    return TextLayout(
        keys, f"{between} between fields{quotes}, {encoding}{', no header' * (not header)}", tuple(doubts)
    )


def _decoded(raw: bytes) -> tuple[str, str]:
    """The encoding and the text, without a byte order mark."""
    if raw.startswith(_UTF16):
        return "utf-16", raw.decode("utf-16", errors="replace")
    for encoding in _ENCODINGS:
        try:
            return encoding, raw.decode(encoding).removeprefix(BYTE_ORDER_MARK)
        except UnicodeDecodeError:
            continue
    raise AssertionError("latin-1 has a character for every byte")


def _separator(path: Path, lines: list[str]) -> tuple[str, bool]:
    """What divides the lines evenly into the most fields, and whether quotes protect it."""
    found: dict[tuple[str, bool], int] = {}
    for separator in SEPARATORS:
        if separator == " " and found:
            break
        quoted = len(separator) == 1 and any(
            re.search(f'(^|{re.escape(separator)})"[^"]', line) or '"""' in line for line in lines
        )
        rows = _rows(lines, separator, quoted)
        width = len(rows[0]) if rows else 1
        if width > 1 and Counter(map(len, rows))[width] >= EVEN * len(rows):
            found[separator, quoted] = width
    if not found:
        raise BadInput(
            f"{path}: its lines are divided evenly by neither commas, semicolons, tabs, |, :: nor blanks; the first "
            f"one is {lines[0].strip()[:SHORT]!r}: save it as CSV with two columns at least"
        )
    return max(found, key=lambda candidate: found[candidate])


def _rows(lines: list[str], separator: str, quoted: bool) -> list[list[str]]:
    """Their fields; a quoted field that goes on after the last line is left out."""
    whole = [line.rstrip("\r") for line in lines if line.strip("\r")]
    if not quoted:
        return [line.split(separator) for line in whole]
    rows = list(islice(csv.reader((f"{line}\n" for line in whole), delimiter=separator), SAMPLE))
    return rows[:-1] if len(rows) > 1 and len(rows[-1]) != len(rows[0]) else rows


def _has_header(rows: list[list[str]], known: Collection[str]) -> tuple[bool, bool]:
    """Whether the first row names the columns, and whether that is sure."""
    names, below = rows[0], rows[1:]
    if set(names) & set(known):
        return True, True
    if any(map(_is_value, names)):
        return False, True
    usual = USER | ITEM | RATING | TIME | TITLE | COUNT
    if any(set(words(name)) & usual for name in names):
        return True, True
    columns = list(zip(*(row for row in below[:FEW] if len(row) == len(names)), strict=True))
    if any(all(map(_is_value, filter(None, column))) and any(column) for column in columns):
        return True, True
    again = any(name in column for name, column in zip(names, columns, strict=False))
    return not again, False


def _is_value(text: str) -> bool:
    """Whether it is a number or a date, as names of columns hardly are."""
    text = text.strip()
    if _NUMBER.fullmatch(text):
        return True
    return bool(re.match(r"\d", text)) and any(as_seconds(pl.Series([text]), unit)[0] is not None for unit in DATES)


def _format_keys(path: Path, separator: str, quoted: bool, quotes: bool) -> dict[str, object]:
    """``format`` and ``separator``, where the file's ending does not say them."""
    usual = {".csv": ("csv", ","), ".tsv": ("tsv", "\t")}
    by_ending, between = usual.get(Path(path.name.removesuffix(".gz")).suffix, ("lines", ""))
    layout = by_ending
    if quoted:
        layout = "csv"
    elif by_ending == "csv" and (quotes or len(separator) > 1):
        layout = "lines"
    keys: dict[str, object] = {} if layout == by_ending else {"format": layout}
    return keys if layout == by_ending and between == separator else keys | {"separator": separator}

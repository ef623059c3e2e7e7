"""Delimited text files as columns of text; malformed rows are counted, not guessed at."""

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from harness.base.errors import BadInput
from harness.data.readers.text_blocks import blocks


def distinct(path: Path, names: Sequence[str]) -> list[str]:
    """The fields that a first line names; those without a name are numbered, for nobody asks for them.

    Raises:
        BadInput: where two have one name.
    """
    if repeated := sorted({name for name in names if name and names.count(name) > 1}):
        raise BadInput(f"{path}: its first line names '{repeated[0]}' twice: rename one of the two")
    return [name or f"(unnamed {place})" for place, name in enumerate(names, 1)]


def read_fields(
    path: Path, columns: Sequence[str], separator: str, *, header: str | None = None, encoding: str = "utf8"
) -> tuple[pl.DataFrame, int]:
    """Read a file whose rows have exactly ``len(columns)`` fields; quotes have no meaning.

    Args:
        columns: names for the fields
        header: what the first line must be, where the file has one
        encoding: ``utf8`` or a codec's name such as ``latin-1``

    Returns:
        the well-formed rows (all text), and how many rows had another number of fields

    Raises:
        BadInput: where the file is missing, empty, wrongly encoded or has another header.
    """
    lines = _lines(read_text(path, encoding))
    rows = lines.select(pl.col("line").str.strip_chars_end("\r")).filter(pl.col("line").str.len_bytes() > 0)
    if rows.is_empty():
        raise BadInput(f"{path}: the file is empty")
    if header is not None:
        found = rows["line"][0]
        if found != header:
            raise BadInput(f"{path}: the first line is {found[:80]!r}, not {header!r}")
        rows = rows.slice(1)
    split = rows.select(pl.col("line").str.split(separator).alias("fields"))
    whole = split.filter(pl.col("fields").list.len() == len(columns))
    table = whole.select(pl.col("fields").list.get(k).alias(name) for k, name in enumerate(columns))
    return table, rows.height - whole.height


def _lines(text: bytes) -> pl.DataFrame:
    """Each line as one value, so that a malformed line cannot spoil its neighbours."""
    unused = next((mark for mark in _CONTROLS if mark.encode() not in text), None)
    if unused is None:  # a separator that never occurs is quicker
        return pl.DataFrame({"line": text.decode().split("\n")})
    return pl.read_csv(
        text,
        has_header=False,
        separator=unused,
        quote_char=None,
        schema={"line": pl.String},
        truncate_ragged_lines=True,
        raise_if_empty=False,
    )


_CONTROLS = "\x01\x02\x03\x04\x05\x06\x0e\x0f\x10\x11\x12\x13\x14"


def read_text(path: Path, encoding: str = "utf8") -> bytes:
    """The file's text as UTF-8, unpacked where it is compressed by gzip, without a byte order mark.

    Raises:
        BadInput: where the file is missing, damaged or not text in ``encoding``.
    """
    try:
        text = b"".join(blocks(path)).decode(encoding)
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{path}: not a text file in {encoding} (byte {error.start}): say which encoding, such as latin-1"
        ) from None
    return text.removeprefix("\ufeff").encode()

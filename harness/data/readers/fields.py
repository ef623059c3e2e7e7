"""Lines of fields (CSV and its relatives) as columns of text, block by block."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.base.errors import BadInput, hint
from harness.base.late import pl
from harness.data.readers.raw_records import Part
from harness.data.readers.text_blocks import BLOCK_BYTES, BYTE_ORDER_MARK, blocks, decoded


@dataclass(frozen=True)
class Fields:
    """How lines are divided.

    Attributes:
        separator: what stands between fields
        columns: the fields' names; None where the first line holds them
        quotes: whether ``"…"`` protects separators (and ``""`` within is one quote)
        escape: a character that takes a quote's meaning away, such as a backslash
        encoding: the codec's name
    """

    separator: str = ","
    columns: tuple[str, ...] | None = None
    quotes: bool = True
    escape: str | None = None
    encoding: str = "utf-8"


def field_lines(
    path: Path, layout: Fields, needs: Sequence[str] = (), *, named: Callable[[str], str] = str, size: int = BLOCK_BYTES
) -> Iterator[Part]:
    """The rows of a file with one record per line; lines with another number of fields are counted.

    Args:
        needs: columns that a header must name
        named: a field of the header to the column's name

    Raises:
        BadInput: where the file is missing, empty or wrongly encoded, or where its header lacks a column.
    """
    columns: Sequence[str] | None = layout.columns
    empty = True
    for block in blocks(path, size):
        text = decoded(block, path, layout.encoding).removeprefix(BYTE_ORDER_MARK if empty else "")
        empty = False
        if columns is None:
            first, _, text = text.partition("\n")
            columns = distinct(path, [named(name) for name in _row(first, layout) or ()])
            _require(path, columns, needs)
        yield parsed(text, columns, layout)
    if empty:
        raise BadInput(f"{path}: the file is empty")


def read_field_lines(
    path: Path, layout: Fields, needs: Sequence[str] = (), *, named: Callable[[str], str] = str
) -> Part:
    """The same at once, for files that are small."""
    parts = list(field_lines(path, layout, needs, named=named))
    return pl.concat([table for table, _ in parts]), sum(bad for _, bad in parts)


def header_of(path: Path, layout: Fields) -> list[str]:
    """The fields of the first line.

    Raises:
        BadInput: where the file is missing, empty or wrongly encoded.
    """
    for table, _ in field_lines(path, replace(layout, columns=None)):
        return table.columns
    raise BadInput(f"{path}: the file is empty")


def distinct(path: Path, names: Sequence[str]) -> list[str]:
    """The fields that a first line names; those without a name are numbered, for nobody asks for them.

    Raises:
        BadInput: where two have one name.
    """
    if repeated := sorted({name for name in names if name and names.count(name) > 1}):
        raise BadInput(f"{path}: its first line names '{repeated[0]}' twice: rename one of the two")
    return [name or f"(unnamed {place})" for place, name in enumerate(names, 1)]


def parsed(text: str, columns: Sequence[str], layout: Fields) -> Part:
    """The rows of whole lines; those with another number of fields are counted."""
    if layout.quotes and '"' in text:
        return _quoted(text, columns, layout)
    return _regular(text, columns, layout.separator) or _split(text, columns, layout.separator)


def _quoted(text: str, columns: Sequence[str], layout: Fields) -> Part:
    lines = [line for line in text.split("\n") if line.strip("\r")]
    rows = [row for line in lines if (row := _row(line, layout)) and len(row) == len(columns)]
    return pl.DataFrame(rows, schema=_texts(columns), orient="row"), len(lines) - len(rows)


def _regular(text: str, columns: Sequence[str], separator: str) -> Part | None:
    """A block without quotes where every line has the right number of fields, quickly; None for any other.

    With as many separators as lines of the right length have, no line is too short unless another is too long, and
    that is an error in polars.
    """
    lines = text.count("\n") + (not text.endswith("\n"))
    if len(separator) > 1 or text.count(separator) != lines * (len(columns) - 1):
        return None
    try:
        table = pl.read_csv(
            text.encode(),
            has_header=False,
            separator=separator,
            quote_char=None,
            schema=_texts(columns),
        )
    except pl.exceptions.PolarsError:
        return None
    return table.fill_null("").with_columns(pl.col(columns[-1]).str.strip_chars_end("\r")), 0


def _split(text: str, columns: Sequence[str], separator: str) -> Part:
    lines = pl.Series("line", text.split("\n"), dtype=pl.String).str.strip_chars_end("\r")
    fields = lines.filter(lines.str.len_bytes() > 0).str.split(separator)
    whole = fields.filter(fields.list.len() == len(columns))
    table = whole.to_frame().select(pl.col("line").list.get(k).alias(name) for k, name in enumerate(columns))
    return table.cast(_texts(columns)), len(fields) - len(whole)  # type: ignore[arg-type]


def _texts(columns: Sequence[str]) -> dict[str, type[pl.String]]:
    return dict.fromkeys(columns, pl.String)


def _row(line: str, layout: Fields) -> list[str] | None:
    """The fields of one line; None where a quote is never closed. (Alone, so that it cannot swallow its neighbours.)"""
    line = line.rstrip("\r\n")
    if not layout.quotes:
        return line.split(layout.separator)
    try:
        return next(csv.reader([line], delimiter=layout.separator, escapechar=layout.escape, strict=True), [])
    except csv.Error:
        return None


def _require(path: Path, columns: Sequence[str], needs: Sequence[str]) -> None:
    for name in needs:
        if name not in columns:
            which = hint(name, columns, f"it names {', '.join(columns)[:200]}")
            raise BadInput(f"{path}: its first line names no column '{name}': {which}")

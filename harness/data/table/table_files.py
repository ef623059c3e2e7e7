"""The files that a card names, as frames of fields: text as it stands, or parquet's own types."""

import csv
import io
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import polars as pl

from harness.base.errors import BadInput
from harness.data.readers.fields import Fields, distinct, parsed
from harness.data.readers.text_blocks import read_text
from harness.data.table.card_file import FileSpec

FIRST_SHOWN = 60
"""Characters of a malformed line that an error shows."""
ROWS_AT_ONCE = 100_000
"""Rows of a quoted file that are Python's lists at one time: these take twenty times the room of the text."""


@dataclass(frozen=True)
class Raw:
    """A file's rows and how many had another number of fields than its header."""

    fields: pl.DataFrame
    malformed: int


def read_file(path: Path, spec: FileSpec) -> Raw:
    """Read one file of a card.

    Raises:
        BadInput: where it is missing, not what the card says, or no row has the right number of fields.
    """
    if not path.is_file():
        raise BadInput(f"{path}: no such file: mend 'file' or 'folder', or use --data FOLDER")
    if spec.layout == "parquet":
        return Raw(_read_parquet(path), 0)
    separator = spec.separator or {"csv": ",", "tsv": "\t"}[spec.layout]
    text = read_text(path, spec.encoding)
    first = text.partition("\n")[0].rstrip("\r")
    if spec.layout == "csv" and '"' in text:
        raw = _read_quoted(path, text, separator, spec.fields)
    else:
        names = list(spec.fields) or distinct(path, first.split(separator))
        raw = Raw(*parsed(text if spec.fields else text.partition("\n")[2], names, Fields(separator, quotes=False)))
    if raw.fields.is_empty():
        count = f"none of its {raw.malformed} rows has {raw.fields.width} fields" if raw.malformed else "it has no rows"
        raise BadInput(
            f"{path}: {count} separated by {separator!r}; the first line is {first[:FIRST_SHOWN]!r}: "
            "mend 'separator', 'header' or 'fields'"
        )
    return raw


def _read_parquet(path: Path) -> pl.DataFrame:
    try:
        table = pl.read_parquet(path, glob=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadInput(f"{path}: not a readable parquet file: {str(error).splitlines()[0]}") from None
    if table.is_empty():
        raise BadInput(f"{path}: it has no rows")
    return table


def _read_quoted(path: Path, text: str, separator: str, fields: tuple[str, ...]) -> Raw:
    """A csv file with quotes, by the standard library's parser: only it tells short rows from empty values."""
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    frames, malformed = [], 0
    try:
        names = list(fields) or distinct(path, next(rows))
        while chunk := list(islice(rows, ROWS_AT_ONCE)):
            filled = [row for row in chunk if row]
            whole = [row for row in filled if len(row) == len(names)]
            malformed += len(filled) - len(whole)
            frames.append(pl.DataFrame(whole, schema=dict.fromkeys(names, pl.String), orient="row"))
    except (csv.Error, StopIteration) as error:
        raise BadInput(f"{path}: line {rows.line_num}: {error or 'the file is empty'}") from None
    return Raw(pl.concat(frames) if frames else pl.DataFrame(schema=dict.fromkeys(names, pl.String)), malformed)

"""Parquet files, group of rows by group of rows, only the columns that are asked for."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.base.errors import BadInput, hint
from harness.base.late import pl
from harness.data.readers.raw_records import Part, Schema

ROWS = 2**18


def parquet_parts(path: Path, schema: Schema, rows: int = ROWS) -> Iterator[Part]:
    """The columns in ``schema``, ``rows`` at a time, converted where they have other types (null where they cannot be).

    Raises:
        BadInput: where the file is missing or damaged, or lacks a column.
    """
    try:
        table = pl.scan_parquet(path)
        columns = table.collect_schema().names()
        height = table.select(pl.len()).collect().item()
        for name in schema:
            if name not in columns:
                which = hint(name, columns, f"it has {', '.join(columns)[:200]}")
                raise BadInput(f"{path}: no column '{name}': {which}")
        given = table.collect_schema()
        wanted = table.select(_as(name, given[name], kind) for name, kind in schema.items())
        for start in range(0, height, rows):
            yield wanted.slice(start, rows).collect(), 0
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or error}") from None
    except pl.exceptions.PolarsError as error:
        raise BadInput(f"{path}: not a readable Parquet file ({str(error).splitlines()[0]})") from None


def _as(name: str, given: pl.DataType, kind: pl.DataType) -> pl.Expr:
    """The column converted; a number that is none is no text "NaN"."""
    column = pl.col(name)
    return (column.fill_nan(None) if given.is_float() else column).cast(kind, strict=False)

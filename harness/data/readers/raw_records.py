"""Lines that are JSON objects or Python dictionaries, as tables of the few fields that are asked for."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeAlias

from harness.base.late import pl
from harness.data.readers.text_blocks import BLOCK_BYTES, blocks

Schema: TypeAlias = "Mapping[str, pl.DataType]"
"""Fields and their types: text, ``Float64``, or lists of these."""
Part: TypeAlias = "tuple[pl.DataFrame, int]"
"""Some rows of a file, and how many lines among them could not be read."""


def json_lines(path: Path, schema: Schema, size: int = BLOCK_BYTES) -> Iterator[Part]:
    """The fields in ``schema`` of a file with one JSON object per line, block by block.

    A field that is absent, or is of another type and cannot be converted, is null; other fields cost nothing.
    Lines that are neither JSON objects nor Python dictionaries are counted. (One such line would stop
    ``polars.scan_ndjson``.)
    """
    for block in blocks(path, size):
        try:
            part = pl.read_ndjson(block, schema=schema), 0
        except pl.exceptions.PolarsError:
            part = _line_by_line(block, schema, json_or_literal)
        yield part


def python_literals(path: Path, schema: Schema, size: int = BLOCK_BYTES) -> Iterator[Part]:
    """The same of a file with one Python dictionary per line; only literals are read, nothing is ever evaluated."""
    for block in blocks(path, size):
        yield _line_by_line(block, schema, ast.literal_eval)


def _line_by_line(block: bytes, schema: Schema, parse: Callable[[str], Any]) -> Part:
    columns: dict[str, list[Any]] = {name: [] for name in schema}
    bad = 0
    for line in block.split(b"\n"):
        if not line.strip():
            continue
        record = _record(line, parse)
        if record is None:
            bad += 1
            continue
        for name, kind in schema.items():
            columns[name].append(_converted(record.get(name), kind))
    return pl.DataFrame(columns, schema=schema), bad


def json_or_literal(line: str) -> Any:
    """JSON; else a Python literal: some old files have single quotes in some lines."""
    try:
        return json.loads(line)
    except ValueError:
        return ast.literal_eval(line)


def _record(line: bytes, parse: Callable[[str], Any]) -> dict[str, Any] | None:
    try:
        record = parse(line.decode("utf-8"))
    except (ValueError, SyntaxError, RecursionError, MemoryError):  # what damaged or hostile text makes parsers raise
        return None
    return record if isinstance(record, dict) else None


def _converted(value: Any, kind: pl.DataType) -> Any:
    """``value`` as polars would convert it, or None."""
    if isinstance(kind, pl.List):
        inner = kind.inner
        return [_converted(each, inner) for each in value] if isinstance(value, list) else None  # type: ignore[arg-type]
    if value is None:
        return None
    if kind == pl.Float64:
        try:
            return float(value)
        except (TypeError, ValueError, OverflowError):
            return None
    # Half of a surrogate pair can be written in JSON but not in UTF-8.
    return (value if isinstance(value, str) else json.dumps(value, default=str)).encode(errors="replace").decode()

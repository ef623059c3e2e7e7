"""A hash of a table's content, the same under every version of every library."""

import hashlib
from collections.abc import Callable

import numpy as np
import polars as pl

KINDS = {pl.String: "text", pl.Int64: "integer", pl.Float64: "number", pl.List(pl.String): "list"}


def content_of(tables: dict[str, pl.DataFrame], *rest: str) -> str:
    """A hash of tables of text, lists of text, 64-bit integers and floats, and of further text.

    Names, types, values and the order of rows count; the order of columns does not.
    """
    hasher = hashlib.blake2b("\0".join(rest).encode(), digest_size=8)
    for name, table in sorted(tables.items()):
        hasher.update(f"\0{name}\0{table.height}".encode())
        for column in sorted(table.columns):
            values = table[column]
            hasher.update(f"\0{column}\0{KINDS[values.dtype]}\0".encode())
            _add(values, hasher.update)
    return hasher.hexdigest()


def _add(values: pl.Series, add: Callable[[bytes], None]) -> None:
    add(np.packbits(values.is_null().to_numpy()).tobytes())
    if values.dtype == pl.List(pl.String):
        add(values.list.len().fill_null(0).cast(pl.Int64).to_numpy().astype("<i8").tobytes())
        _add(values.filter(values.list.len() > 0).explode(), add)
    elif values.dtype == pl.String:
        add(values.str.len_bytes().fill_null(0).cast(pl.Int64).to_numpy().astype("<i8").tobytes())
        add("".join(values.drop_nulls()).encode())
    else:
        kind = "<f8" if values.dtype == pl.Float64 else "<i8"
        add(values.fill_null(0).to_numpy().astype(kind).tobytes())

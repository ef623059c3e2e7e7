"""Raw ids in row order: a text file with one per line, or a column of a csv, tsv or parquet file."""

from pathlib import Path

import polars as pl

from harness.base.errors import BadInput, unknown
from harness.domain.ids import shown


def read_ids(path: Path, column: str) -> pl.Series:
    """The ids in ``path``, as text without blanks around it.

    Args:
        column: of a table; empty where it has only one

    Raises:
        BadInput: for a file that cannot be read, an unknown column, a missing id or one that occurs twice.
    """
    if not path.is_file():
        raise BadInput(f"encoder.options.ids: {path}: no such file")
    ids = _column(_table(path), path, column).cast(pl.String).str.strip_chars()
    if ids.null_count() or (ids == "").any():
        raise BadInput(f"{path}: {ids.null_count() + (ids == '').sum()} rows have no id: every vector needs one")
    if ids.is_duplicated().any():
        twice = ids.filter(ids.is_duplicated()).unique(maintain_order=True)
        raise BadInput(f"{path}: {len(twice)} ids occur more than once: {shown(twice)}: keep one row each")
    return ids


def _table(path: Path) -> pl.DataFrame:
    ending = path.suffix.casefold()
    try:
        if ending == ".parquet":
            return pl.read_parquet(path)
        if ending in (".csv", ".tsv"):
            return pl.read_csv(path, separator="\t" if ending == ".tsv" else ",", infer_schema=False)
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError, pl.exceptions.PolarsError) as error:
        reason = str(error).strip().partition("\n")[0]
        raise BadInput(f"{path}: cannot be read as {ending or 'text'}: {reason}") from None
    return pl.DataFrame({"id": lines}, schema={"id": pl.String})


def _column(table: pl.DataFrame, path: Path, name: str) -> pl.Series:
    if name and name not in table.columns:
        raise unknown(f"column in encoder.options.id_column of {path.name}", name, table.columns)
    if not name and table.width != 1:
        raise BadInput(f"{path} has several columns: choose encoder.options.id_column from {', '.join(table.columns)}")
    return table[name] if name else table.to_series()

"""Tables for other programs: Parquet, CSV or JSON lines, by the ending of the file's name."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from harness.base.errors import BadInput, hint
from harness.base.sealed import replacing
from harness.base.spreadsheet_cells import guarded
from harness.base.writable import require_folder, written_into

if TYPE_CHECKING:
    import polars as pl

Writer = Callable[["pl.DataFrame", Path], None]


def check_table_file(file: Path) -> None:
    """Find out before anything is computed whether a table can be written there.

    Raises:
        BadInput: where it cannot, or the name has no ending that says how.
    """
    _writer(file)
    require_folder(file.absolute().parent)
    if file.is_dir():
        raise BadInput(f"{file} is a folder: name a file in it")


def write_table(table: "pl.DataFrame", file: Path) -> None:
    """Write a table whole or not at all; in CSV, lists are joined with ``|`` and vectors are a column each.

    Raises:
        BadInput, DiskFull: where it cannot be written.
    """
    write = _writer(file)
    with written_into(file.absolute().parent), replacing(file.absolute()) as new:
        write(table, new)


def _writer(file: Path) -> Writer:
    found = _WRITERS.get(file.suffix.lower())
    if found is None:
        endings = ", ".join(_WRITERS)
        raise BadInput(f"--to {file}: {hint(file.suffix, _WRITERS, 'the ending says how')} (one of {endings})")
    return found


def _flat(table: "pl.DataFrame") -> "pl.DataFrame":
    """The same without lists and arrays, which CSV has none of, and without a text that is a spreadsheet's formula."""
    import polars as pl

    for name, kind in table.schema.items():
        if isinstance(kind, pl.Array):
            names = [f"{name}_{number}" for number in range(kind.size)]
            table = table.with_columns(pl.col(name).arr.to_struct(fields=names)).unnest(name)
        elif isinstance(kind, pl.List):
            table = table.with_columns(pl.col(name).list.join("|"))
    texts = [name for name, kind in table.schema.items() if kind == pl.String]
    return table.with_columns(pl.col(name).map_elements(guarded, return_dtype=pl.String) for name in texts)


_WRITERS: dict[str, Writer] = {
    ".parquet": lambda table, file: table.write_parquet(file),
    ".csv": lambda table, file: _flat(table).write_csv(file),
    ".jsonl": lambda table, file: table.write_ndjson(file),
}

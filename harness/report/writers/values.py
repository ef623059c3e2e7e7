"""A table's values for programs: CSV and Parquet."""

from pathlib import Path
from typing import TYPE_CHECKING

from harness.base.spreadsheet_cells import guarded
from harness.report.document import Table

if TYPE_CHECKING:
    import polars as pl


def write_values(table: Table, csv: Path, parquet: Path) -> None:
    """The table's data, or where it has none what people read, as text, in two formats.

    In the CSV file, which people open in spreadsheets, no text is a formula; the Parquet file has texts as they are.
    """
    import polars as pl

    frame = _frame(table)
    cells = frame.with_columns(pl.col(pl.String).map_elements(guarded, return_dtype=pl.String))
    cells.rename(guarded).write_csv(csv)
    frame.write_parquet(parquet)


def _frame(table: Table) -> "pl.DataFrame":
    import polars as pl

    if table.data:
        keys = list(dict.fromkeys(key for row in table.data for key in row))
        return pl.DataFrame([{key: row.get(key) for key in keys} for row in table.data], infer_schema_length=None)
    columns = [[line[place] for line in table.lines] for place in range(len(table.headings))]
    named = zip(_unique(table.headings), columns, strict=True)
    return pl.DataFrame([pl.Series(name, values, dtype=pl.String) for name, values in named])


def _unique(headings: tuple[str, ...]) -> list[str]:
    """Headings as names of columns, of which no two may be the same."""
    return [
        heading if headings.index(heading) == place else f"{heading} ({place + 1})"
        for place, heading in enumerate(headings)
    ]

"""Tables of one run as files: group utilities (CSV, for people) and top-K lists (Parquet, for new definitions)."""

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from harness.base.errors import Unavailable
from harness.base.spreadsheet_cells import guarded, unguarded

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

    from harness.evaluation.evaluate import GroupRow

GROUP_COLUMNS = ("grouping", "group", "k", "utility", "interactions", "members")
LIST_COLUMNS = ("user", "rank", "item", "hit")
GROUPS_CSV, GROUPS_PARQUET = "groups.csv", "groups.parquet"
MAX_CSV_ROWS = 100_000
"""A longer table of groups is for programs, and is written as Parquet."""
_PARQUET = b"PAR1"


def write_groups(rows: "Sequence[GroupRow]", folder: Path) -> Path:
    """Write one line per grouping, group and cut-off; the answer is the file, which is CSV unless they are too many.

    No name of a group is a formula to the spreadsheet that opens the CSV file; :func:`read_groups` has it as it was.
    """
    folder.mkdir(parents=True, exist_ok=True)
    table = groups_table(rows)
    if len(rows) <= MAX_CSV_ROWS:
        _with_names(table, guarded).write_csv(folder / GROUPS_CSV)
        return folder / GROUPS_CSV
    table.write_parquet(folder / GROUPS_PARQUET)
    return folder / GROUPS_PARQUET


def groups_table(rows: "Sequence[GroupRow]") -> "pl.DataFrame":
    """The rows as a table with :data:`GROUP_COLUMNS`."""
    import polars as pl

    return pl.DataFrame({column: [getattr(row, column) for row in rows] for column in GROUP_COLUMNS})


def read_groups(content: bytes) -> "list[GroupRow]":
    """The rows of a file written by :func:`write_groups`, of either kind."""
    import polars as pl

    from harness.evaluation.evaluate import GroupRow

    with _readable("table of groups"):
        if content.startswith(_PARQUET):
            table = pl.read_parquet(io.BytesIO(content))
        else:
            table = _with_names(pl.read_csv(content, schema_overrides={"group": pl.String}), unguarded)
        return [GroupRow(**row) for row in table.select(GROUP_COLUMNS).iter_rows(named=True)]


def _with_names(table: "pl.DataFrame", change: Callable[[str], str]) -> "pl.DataFrame":
    """The table with another text for the name of each group."""
    import polars as pl

    return table.with_columns(pl.col("group").map_elements(change, return_dtype=pl.String))


def read_top_lists(content: bytes) -> "pl.DataFrame":
    """The table that :func:`write_top_lists` wrote: ``user``, ``rank`` (from 1), ``item``, ``hit``."""
    import polars as pl

    with _readable("top-K lists"):
        return pl.read_parquet(io.BytesIO(content)).select(LIST_COLUMNS)


@contextmanager
def _readable(what: str) -> Iterator[None]:
    """Inside, a file that a run has kept is read; Unavailable where it is damaged."""
    import polars as pl

    try:
        yield
    except pl.exceptions.PolarsError:
        raise Unavailable(f"the {what} that the run kept cannot be read: the file is damaged") from None


def write_top_lists(
    file: Path,
    users: Sequence[str],
    items: Sequence[str],
    lists: "npt.NDArray[np.integer]",
    hits: "npt.NDArray[np.bool_]",
) -> None:
    """Write one row per user and rank: raw ids, rank from 1, and whether it is a test interaction.

    Args:
        file: where to write
        users: raw ids of the ranked users, in the order of the lists, length n
        items: raw ids by item index
        lists: item indices, best first, shape (n, K); a negative index ends a list that is shorter than K
        hits: whether the item is a test interaction of the user, shape (n, K)
    """
    import numpy as np
    import polars as pl

    n, length = lists.shape
    flat = lists.ravel()
    filled = flat >= 0
    table = pl.DataFrame(
        {
            "user": pl.Series(users, dtype=pl.String).gather(np.repeat(np.arange(n, dtype=np.uint32), length)[filled]),
            "rank": np.tile(np.arange(1, length + 1, dtype=np.int32), n)[filled],
            "item": pl.Series(items, dtype=pl.String).gather(flat[filled]),
            "hit": hits.ravel()[filled],
        }
    )
    file.parent.mkdir(parents=True, exist_ok=True)
    table.write_parquet(file)

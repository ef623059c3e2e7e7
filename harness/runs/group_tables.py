"""Tables of one run as files: group utilities (CSV, for people) and top-K lists (Parquet, for new definitions)."""

import csv
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from harness.base.errors import Unavailable
from harness.base.spreadsheet_cells import guarded, unguarded
from harness.evaluation.group_row import GroupRow

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt
    import polars as pl

GROUP_COLUMNS = ("grouping", "group", "k", "utility", "interactions", "members")
LIST_COLUMNS = ("user", "rank", "item", "hit")
GROUPS_CSV, GROUPS_PARQUET = "groups.csv", "groups.parquet"
MAX_CSV_ROWS = 100_000
"""A longer table of groups is for programs, and is written as Parquet."""
GROUPS, LISTS = "table of groups", "top-K lists"
"""What the files are called in messages."""
_PARQUET = b"PAR1"


def write_groups(rows: Sequence[GroupRow], folder: Path) -> Path:
    """Write one line per grouping, group and cut-off; the answer is the file, which is CSV unless they are too many.

    No name of a group is a formula to the spreadsheet that opens the CSV file; :func:`read_groups` has it as it was.
    """
    import polars as pl

    folder.mkdir(parents=True, exist_ok=True)
    table = groups_table(rows)
    if len(rows) <= MAX_CSV_ROWS:
        names = pl.col("group").map_elements(guarded, return_dtype=pl.String)
        table.with_columns(names).write_csv(folder / GROUPS_CSV)
        return folder / GROUPS_CSV
    table.write_parquet(folder / GROUPS_PARQUET)
    return folder / GROUPS_PARQUET


def groups_table(rows: Sequence[GroupRow]) -> "pl.DataFrame":
    """The rows as a table with :data:`GROUP_COLUMNS`."""
    import polars as pl

    return pl.DataFrame({column: [getattr(row, column) for row in rows] for column in GROUP_COLUMNS})


def read_groups(content: bytes) -> list[GroupRow]:
    """The rows of a file written by :func:`write_groups`, of either kind."""
    return _from_parquet(content) if content.startswith(_PARQUET) else _from_csv(content)


def _from_csv(content: bytes) -> list[GroupRow]:
    """Without Polars, which takes longer to import than the whole of a run on record to show."""
    try:
        table = csv.DictReader(io.StringIO(content.decode(), newline=""), strict=True)
        if set(GROUP_COLUMNS) <= {*(table.fieldnames or ())}:
            return [_row(**{column: row[column] for column in GROUP_COLUMNS}) for row in table]
    except (ValueError, TypeError, AttributeError, csv.Error) as error:
        raise _damaged(GROUPS) from error
    raise _damaged(GROUPS)


def _row(grouping: str, group: str, k: str, utility: str, interactions: str, members: str) -> GroupRow:
    return GroupRow(grouping, unguarded(group), int(k), float(utility), int(interactions), int(members))


def _from_parquet(content: bytes) -> list[GroupRow]:
    import polars as pl

    with _readable(GROUPS):
        table = pl.read_parquet(io.BytesIO(content)).select(GROUP_COLUMNS)
        return [GroupRow(**row) for row in table.iter_rows(named=True)]


def read_top_lists(content: bytes) -> "pl.DataFrame":
    """The table that :func:`write_top_lists` wrote: ``user``, ``rank`` (from 1), ``item``, ``hit``."""
    import polars as pl

    with _readable(LISTS):
        return pl.read_parquet(io.BytesIO(content)).select(LIST_COLUMNS)


@contextmanager
def _readable(what: str) -> Iterator[None]:
    """Inside, a file that a run has kept is read; Unavailable where it is damaged."""
    import polars as pl

    try:
        yield
    except pl.exceptions.PolarsError:
        raise _damaged(what) from None


def _damaged(what: str) -> Unavailable:
    return Unavailable(f"the {what} that the run kept cannot be read: the file is damaged")


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

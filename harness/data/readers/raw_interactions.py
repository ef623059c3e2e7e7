"""Interactions gathered block by block: ids as codes into a dictionary, what cannot be used counted by reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from harness.base.late import pl
from harness.data.readers.raw_records import Part

Skipped = dict[str, int]


def gather_interactions(
    parts: Iterable[Part], columns: Mapping[str, str], bad_line: str, milliseconds: bool = False
) -> tuple[pl.DataFrame, Skipped]:
    """All rows of ``parts``, 24 bytes each and every id once.

    Args:
        columns: from ``user``, ``item`` and where they exist ``rating``, ``timestamp`` and ``part`` (0 to 2) to the
            parts' columns
        bad_line: why a line that no row came from was left out
        milliseconds: whether timestamps are in ms, not in s

    Returns:
        columns ``user`` and ``item`` (categorical text), ``rating`` (float), ``timestamp`` (int, s; null where it
        cannot be read), and what was left out by reason: bad lines, rows without a user or an item, rows whose rating
        is no number, and times that are none.
    """
    kinds = {side: pl.Categorical(pl.Categories.random()) for side in ("user", "item")}
    skipped: Counter[str] = Counter()
    kept = []
    for part, bad in parts:
        rows = part.select(_typed(name, pl.col(source), milliseconds) for name, source in columns.items())
        if "timestamp" in columns:
            rows = rows.with_columns(unreadable=_is_given(part[columns["timestamp"]]) & rows["timestamp"].is_null())
        named = rows.filter(pl.all_horizontal(pl.col("user", "item").str.len_bytes().fill_null(0) > 0))
        rated = named.filter(pl.col("rating").is_finite()) if "rating" in columns else named
        if "timestamp" in columns:
            skipped["interactions: time is not a number, left empty"] += int(rated["unreadable"].sum())
            rated = rated.drop("unreadable")
        kept.append(rated.cast(kinds))  # type: ignore[arg-type]
        skipped[f"interactions: {bad_line}"] += bad
        skipped["interactions: no user or item"] += rows.height - named.height
        skipped["interactions: rating is not a number"] += named.height - rated.height
    empty = pl.DataFrame(schema={name: kinds.get(name, pl.Float64()) for name in columns})
    return pl.concat(kept or [empty], rechunk=True), {why: n for why, n in skipped.items() if n}


def in_parts(files: Iterable[tuple[int, Iterable[Part]]]) -> Iterator[Part]:
    """The rows of data that come divided, with the column ``part``: 0 training, 1 validation, 2 test."""
    for number, rows in files:
        yield from ((table.with_columns(part=pl.lit(number, pl.UInt8)), bad) for table, bad in rows)


def _is_given(values: pl.Series) -> pl.Series:
    """Whether something is said, be it readable or not."""
    return values.str.strip_chars() != "" if values.dtype == pl.String else values.is_not_null()


def _typed(name: str, column: pl.Expr, milliseconds: bool) -> pl.Expr:
    if name in ("user", "item"):
        return column.cast(pl.String).str.strip_chars().alias(name)
    if name == "part":
        return column.cast(pl.UInt8).alias(name)
    number = column.cast(pl.Float64, strict=False)
    if name == "timestamp":
        return (number / 1000 if milliseconds else number).floor().cast(pl.Int64, strict=False).alias(name)
    return number.alias(name)

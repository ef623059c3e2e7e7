"""What a file of interactions tells besides who and what: when, how much it was liked, and which part a row is in."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import polars as pl

from harness.base.errors import BadInput
from harness.data.guess.column_facts import HALF, Column
from harness.data.guess.findings import Chosen, Findings, listed, such_as
from harness.data.guess.seen_file import SeenFile
from harness.data.guess.words import COUNT, PART, POSITION, RATING, TIME, likeness, words
from harness.data.table.card_columns import PARTS
from harness.data.table.times import as_seconds

STEPS = 20
"""Different numbers that ratings without a name have at most."""


def part_column(file: SeenFile, taken: dict[str, str]) -> str | None:
    """A column that says which part a row is in."""
    for column in file.columns.values():
        if column.name not in taken.values() and likeness(column.name, PART):
            parts = {PARTS.get(value) for value in column.distinct.head(20).str.to_lowercase()}
            if parts == {0, 1, 2}:
                return column.name
    return None


def time_columns(
    file: SeenFile, chosen: Chosen, taken: Iterable[str], keys: dict[str, object], findings: Findings
) -> dict[str, str]:
    """``timestamp`` or ``position``; its unit goes into ``keys``.

    Raises:
        BadInput: where the column that the user names holds no times.
    """
    free = [column for column in file.columns.values() if column.name not in taken and column.name != chosen.rating]
    called = [column for column in free if likeness(column.name, TIME) or not file.has_header]
    usable = [column for column in free if column.kind == "date"]
    usable += [column for column in called if _time_unit(column) and column not in usable]
    usable.sort(key=lambda column: -likeness(column.name, TIME))
    column = file.columns[chosen.time] if chosen.time else next(iter(usable), None)
    if column is None:
        return _position(free, called, file, findings)
    if others := [each.name for each in usable if each is not column]:
        findings.doubts.append(f"{file.path.name}: {listed(others)} hold times, too: --time COLUMN takes another one")
    unit = _time_unit(column)
    if unit is None:
        raise BadInput(
            f"{file.path}: '{column.name}' holds neither dates nor seconds (or parts of them) since 1970"
            f"{such_as(column.given)}"
        )
    if unit != "s" and not column.values.dtype.is_temporal():
        keys["time_unit"] = unit
    dots = column.sample.str.contains(".", literal=True).any()
    if unit == "dmy" and not dots and column.date_forms["mdy"] == column.date_forms["dmy"]:
        findings.doubts.append(
            f"{file.path.name}: '{column.name}' may have the month first: then write time_unit = 'mdy' into the card"
        )
    seconds = as_seconds(column.values, unit)
    forms = {"iso": "ISO 8601", "dmy": "day.month.year", "mdy": "month/day/year"}
    form = "dates of its own type" if column.values.dtype.is_temporal() else forms.get(unit, f"{unit} since 1970")
    first, last = (datetime.fromtimestamp(int(each), UTC).date() for each in (seconds.min(), seconds.max()))  # type: ignore[arg-type]
    findings.tell("timestamp", column.name, f"times, {form}, {first} … {last}, {column.unreadable(seconds)}")
    return {"timestamp": column.name}


def _time_unit(column: Column) -> str | None:
    """The card's ``time_unit`` for a column that is said, or called, to hold times."""
    return column.date_form(HALF) or column.epoch_unit


def _position(free: Sequence[Column], called: Sequence[Column], file: SeenFile, findings: Findings) -> dict[str, str]:
    """A place in the user's history, where there are no times; what cannot be read as times is said."""
    if file.has_header:
        for column in called:
            if column.kind not in ("empty",) and not likeness(column.name, RATING):
                findings.doubts.append(
                    f"{file.path.name}: '{column.name}' is called like times and none that can be read"
                    f"{such_as(column.given)}"
                )
    places = [column for column in free if likeness(column.name, POSITION) == 3 and column.kind == "integer"]
    if not places or "id" in words(places[0].name):
        findings.rows.append(("  timestamp", "none: data.split=random is the one that needs no times"))
        return {}
    findings.tell("position", places[0].name, "a place in the user's own history, where there are no times")
    return {"position": places[0].name}


def rating_columns(
    file: SeenFile, chosen: Chosen, taken: Iterable[str], keys: dict[str, object], findings: Findings
) -> dict[str, str]:
    """``rating``, where there is one that is neither constant nor a count; decimal commas go into ``keys``.

    Raises:
        BadInput: where the column that the user names holds no numbers.
    """
    free = [column for column in file.columns.values() if column.name not in taken]
    numeric = [column for column in free if column.kind in ("integer", "number") and not column.is_row_number]
    liked = sorted(
        (column for column in numeric if likeness(column.name, RATING)), key=lambda c: -likeness(c.name, RATING)
    )
    column = file.columns[chosen.rating] if chosen.rating else next(iter(liked), None)
    if column is None and not file.has_header:
        column = next((each for each in numeric if 1 < len(each.distinct) <= STEPS and not each.is_unnamed), None)
        if column:
            findings.doubts.append(
                f"{file.path.name}: '{column.name}' is taken for ratings: if it is none, remove rating from the card"
            )
    if column is None:
        counts = [each.name for each in numeric if likeness(each.name, COUNT)]
        told = f"; '{counts[0]}' counts, --rating {counts[0]} would take it" if counts else ""
        findings.rows.append(("  rating", f"none: every row is taken for praise{told}"))
        return {}
    if column.numbers.null_count() == len(column.numbers) or column.values.dtype == pl.Boolean:
        raise BadInput(f"{file.path}: '{column.name}' holds no numbers{such_as(column.given)}, so they are no ratings")
    low, high = column.range
    if low == high and not chosen.rating:
        findings.rows.append(("  rating", f"none: '{column.name}' is always {low:g}, so every row is taken for praise"))
        return {}
    if column.decimal != ".":
        keys["decimal"] = column.decimal
    steps = f"{low:g} to {high:g} in {column.numbers.n_unique() - bool(column.numbers.null_count()):,} different values"
    comma = ", with decimal commas" * (column.decimal == ",")
    findings.tell("rating", column.name, f"ratings from {steps}{comma}, {column.unreadable(column.numbers)}")
    return {"rating": column.name}

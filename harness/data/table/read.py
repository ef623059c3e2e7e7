"""The tables that a card describes, from the files that it names."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import polars as pl

from harness.base.errors import BadInput, hint
from harness.data.build_corpus import ORDERS
from harness.data.table.card_checks import group_names
from harness.data.table.card_columns import as_id, as_integer, as_number, as_part, as_text, typed
from harness.data.table.card_file import (
    Column,
    DescriptionSpec,
    FileSpec,
    InteractionSpec,
    Side,
    TableCard,
)
from harness.data.table.stored_types import why_no_column, why_not
from harness.data.table.table_files import Raw, read_file
from harness.data.table.times import ACCEPTED, DATES, as_seconds
from harness.domain.tables import Tables

TIME_HINT = "for dates such as 2024-03-01 write time_unit = 'iso'"
DATE_HINT = (
    f"dates are written {ACCEPTED}; for 31.12.2024 write time_unit = 'dmy', for 12/31/2024 'mdy', for numbers 's', "
    "'ms', 'us' or 'ns'"
)
WhyNot = Callable[[pl.DataType], str]
"""Why a type cannot be what the card takes a field for; empty where it can."""
Skipped = dict[str, int]
"""Rows (or values) that are left out (empty), by reason."""


@dataclass(frozen=True)
class Place:
    """Where a complaint belongs: the card, one of its tables, and the file that the table is in."""

    card: Path
    table: str
    file: Path

    def error(self, key: str, message: str) -> BadInput:
        """One line about ``key`` of the table."""
        return BadInput(f"{self.card}: {self.table}.{key}: {self.file} {message}")

    def read(self, spec: FileSpec) -> Raw:
        """The file's fields; whatever is wrong with it is told with the card and the table."""
        try:
            return read_file(self.file, spec)
        except BadInput as error:
            raise BadInput(f"{self.card}: {self.table}: {error}") from None

    def require(self, named: Mapping[str, tuple[str, WhyNot]], fields: pl.DataFrame) -> None:
        """Refuse fields that the file does not have, or whose type cannot be what the card takes them for: all at once.

        Args:
            named: by key of the card, the field, and what says why a type cannot be it
            fields: of the file
        """
        wrong = []
        for key, (field, why) in named.items():
            if field not in fields.columns:
                which = hint(field, fields.columns, f"it has {', '.join(fields.columns)}")
                wrong.append(f"{self.table}.{key}: {self.file} has no field '{field}': {which}")
            elif reason := why(fields.schema[field]):
                wrong.append(f"{self.table}.{key}: {self.file} holds {fields.schema[field]} in '{field}': {reason}")
        if wrong:
            raise BadInput(f"{self.card}: {'; '.join(wrong)}")


TEXT = Column(**{"from": "any"})


def read_tables(card: TableCard, path: Path, folder: Path) -> Tables:
    """Interactions, items and users as ``card`` (in the file ``path``) describes them, from the files in ``folder``.

    Raises:
        BadInput: where a file is missing or is not what the card says; it names card, table, column and file.
    """
    places = {name: Place(path, name, folder / spec.file) for name, spec in card.tables.items()}
    interactions, skipped = _interactions(card.interactions, path, folder)
    items = _described(card.items, "item", card, places, interactions, skipped)
    users = _described(card.users, "user", card, places, interactions, skipped)
    return Tables(interactions, items, users, skipped)


def _described(
    spec: DescriptionSpec | None,
    side: Side,
    card: TableCard,
    places: dict[str, Place],
    interactions: pl.DataFrame,
    skipped: Skipped,
) -> pl.DataFrame:
    """The table of items (users), or their ids alone where the card declares none; what is left out is counted."""
    if spec is None:
        return interactions.select(side).unique(maintain_order=True)
    counts_repeats = spec.file != card.interactions.file  # there, who acts twice is in two rows
    table, left_out = _descriptions(spec, side, places[f"{side}s"], counts_repeats)
    skipped |= left_out
    return table


def _interactions(spec: InteractionSpec, card: Path, folder: Path) -> tuple[pl.DataFrame, Skipped]:
    """The rows of the file, or of the files of the three parts, which the column ``part`` then tells."""
    places = [Place(card, "interactions", folder / file) for file in spec.files]
    tables, counts = zip(*(_interactions_of(spec, place) for place in places), strict=True)
    if len(places) == 1:
        return tables[0], counts[0]
    divided = [table.with_columns(part=pl.lit(part, pl.UInt8)) for part, table in enumerate(tables)]
    return pl.concat(divided), dict(sum(map(Counter, counts), Counter[str]()))


def _interactions_of(spec: InteractionSpec, place: Place) -> tuple[pl.DataFrame, Skipped]:
    """Columns user, item and where declared rating, timestamp, position, part; rows with a bad value are left out."""
    raw = place.read(spec)
    convert: dict[str, Callable[[pl.Series], pl.Series]] = {
        "user": lambda values: as_id(values, spec.missing, spec.whole_ids),
        "item": lambda values: as_id(values, spec.missing, spec.whole_ids),
        "rating": lambda values: as_number(as_text(values, spec.missing), spec.decimal),
        "timestamp": lambda values: as_seconds(values, spec.time_unit),
        "position": lambda values: as_integer(as_text(values, spec.missing)),
        "part": as_part,
    }
    named = {key: field for key, field in spec.columns.model_dump().items() if field is not None}
    place.require({f"columns.{key}": (field, partial(why_not, key)) for key, field in named.items()}, raw.fields)
    table = pl.DataFrame({key: convert[key](raw.fields[field]) for key, field in named.items()})
    skipped = {"interactions: wrong number of fields": raw.malformed}
    kept = table
    dates = spec.time_unit in DATES
    kinds = {"timestamp": "a date" if dates else "a number", "part": "train, valid or test"}
    hints = {"timestamp": f": {DATE_HINT if dates else TIME_HINT}", "part": f": it says {kinds['part']}"}
    for key, field in named.items():
        kind = kinds.get(key, "a number")
        reason = f"interactions: no {key}" if key in ("user", "item") else f"interactions: {key} is not {kind}"
        if table[key].null_count() == table.height:
            message = f"has no valid value in '{field}', such as {raw.fields[field][0]!r}{hints.get(key, '')}"
            raise place.error(f"columns.{key}", message)
        if key in ORDERS:  # a row that lacks its time alone is data like any other, where the split needs no times
            continue
        whole = kept.drop_nulls(key)
        skipped[reason] = kept.height - whole.height
        kept = whole
    if kept.is_empty():
        told = ", ".join(f"{count:,} {reason.partition(': ')[2]}" for reason, count in skipped.items() if count)
        raise place.error("columns", f"has no row without a bad value: {told}")
    for key in (key for key in ORDERS if key in named):
        skipped[f"interactions: {key} is not {kinds.get(key, 'a number')}, left empty"] = kept[key].null_count()
    return kept, skipped


def _descriptions(
    spec: DescriptionSpec, side: Side, place: Place, counts_repeats: bool
) -> tuple[pl.DataFrame, Skipped]:
    """A row for each item (user): the first where there are several. Bad values are left empty, and counted."""
    raw = place.read(spec)
    fields, skipped = _taken_apart(raw.fields, spec, place)
    skipped[f"{place.table}: wrong number of fields"] = raw.malformed
    named = {f"columns.{name}": (one.source, partial(why_no_column, one)) for name, one in spec.columns.items()}
    place.require(named, fields)
    checked = {
        name: _checked(fields[one.source], name, one, spec, place, skipped) for name, one in spec.columns.items()
    }
    checked[side] = as_id(checked[side], (), spec.whole_ids)
    table = pl.DataFrame(checked)
    known = table.drop_nulls(side)
    unique = known.unique(side, keep="first", maintain_order=True)
    skipped[f"{place.table}: no {side}"] = table.height - known.height
    skipped[f"{place.table}: repeated id"] = (known.height - unique.height) * counts_repeats
    return unique, skipped


def _checked(
    values: pl.Series, name: str, column: Column, spec: DescriptionSpec, place: Place, skipped: Skipped
) -> pl.Series:
    """The typed column; what is not of its type is counted, and refused where nothing is."""
    result, bad = typed(values, column, spec.missing, spec.decimal)
    if bad.any():
        first = int(bad.arg_true()[0])
        if result.null_count() == len(result):
            raise place.error(
                f"columns.{name}", f"row {first + 1}: {values[first]!r} in '{column.source}' is no {column.type}"
            )
        skipped[f"{place.table}: {name} is no {column.type}, left empty"] = int(bad.sum())
    return result


def _taken_apart(fields: pl.DataFrame, spec: DescriptionSpec, place: Place) -> tuple[pl.DataFrame, Skipped]:
    """The fields, and those that the regular expressions of ``split`` take from them."""
    skipped: Skipped = {}
    for field, pattern in spec.split.items():
        place.require({f"split.{field}": (field, partial(why_no_column, TEXT))}, fields)
        text = as_text(fields[field], spec.missing)
        try:
            groups = text.str.extract_groups(pattern)
        except pl.exceptions.ComputeError as error:
            raise place.error(
                f"split.{field}", f"cannot be read by '{pattern}': {str(error).splitlines()[-1]}"
            ) from None
        parts = pl.DataFrame({name: groups.struct.field(name) for name in group_names(pattern)})
        matched = text.str.contains(pattern)
        if not matched.any():
            raise place.error(f"split.{field}", f"row 1: {fields[field][0]!r} does not match '{pattern}', nor does any")
        skipped[f"{place.table}: '{field}' does not match its pattern, left empty"] = int((~matched).sum())
        clash = set(parts.columns) & set(fields.columns) - {field}
        if clash:
            raise place.error(f"split.{field}", f"has a field '{min(clash)}' already: call the group otherwise")
        fields = fields.with_columns(parts)
    return fields, skipped

"""Which file holds the interactions, and which of its columns are users, items, times and ratings."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

import polars as pl

from harness.base.errors import BadInput, hint
from harness.data.guess.column_facts import HALF, Column
from harness.data.guess.findings import Chosen, Findings, listed, such_as
from harness.data.guess.seen_file import SeenFile
from harness.data.guess.words import COUNT, ITEM, PART, POSITION, RATING, TIME, TITLE, USER, likeness, words
from harness.data.table.card_columns import PARTS
from harness.data.table.times import as_seconds

WHOLE = r"^-?\d+\.0$"
STEPS = 20
"""Different numbers that ratings without a name have at most."""


def interactions_among(files: Sequence[SeenFile], chosen: Chosen) -> SeenFile:
    """The file of interactions: the one whose columns are called like both users and items, each several times.

    Raises:
        BadInput: where the user names columns that no file has.
    """
    wanted = [name for name in (chosen.user, chosen.item, chosen.time, chosen.rating) if name is not None]
    able = [file for file in files if set(wanted) <= set(file.columns)]
    if not able:
        everything = [name for file in files for name in file.columns]
        lacking = [name for name in wanted if name not in everything]
        if not lacking:
            raise BadInput(f"no file has all of the columns {', '.join(wanted)}: they must be in one")
        raise BadInput(
            f"no file has a column '{lacking[0]}': {hint(lacking[0], everything, f'there are {listed(everything)}')}"
        )
    return max(able, key=lambda file: (_likely(file), file.fields.height))


def _likely(file: SeenFile) -> int:
    best = []
    for vocabulary in (USER, ITEM):
        liked = [(likeness(column.name, vocabulary), not column.is_unique) for column in file.columns.values()]
        best.append(max(liked, default=(0, False)))
    return all(score for score, _ in best) * 2 + all(repeats for _, repeats in best)


def interaction_keys(
    file: SeenFile, others: Sequence[SeenFile], chosen: Chosen, findings: Findings
) -> dict[str, object]:
    """The card's table of interactions.

    Raises:
        BadInput: where users and items cannot be told.
    """
    user, item = _user_and_item(file, others, chosen, findings)
    for what, name in (("user", user), ("item", item)):
        ids = file.columns[name]
        findings.tell(what, name, f"{len(ids.distinct):,} different ids{such_as(ids.given)}{_missing(ids)}")
    columns = {"user": user, "item": item}
    keys: dict[str, object] = {}
    if whole_ids([file.columns[user], file.columns[item]]):
        keys["whole_ids"] = True
        findings.rows.append(("  ids", "such as 12.0 are read as 12"))
    if part := _part(file, columns):
        columns["part"] = part
        findings.tell("part", part, "says train, valid or test")
    columns |= _time(file, chosen, columns.values(), keys, findings)
    columns |= _rating(file, chosen, columns.values(), keys, findings)
    return {**file.keys, **keys, "columns": columns}


def whole_ids(columns: Iterable[Column]) -> bool:
    """Whether text ids all end with ``.0``, as those that pandas read as numbers; none that only some of them do."""
    texts = [column for column in columns if column.values.dtype == pl.String and len(column.given)]
    matching = [column.distinct.str.contains(WHOLE) for column in texts]
    return any(each.all() for each in matching) and all(each.all() or not each.any() for each in matching)


def _missing(column: Column) -> str:
    count = len(column.values) - len(column.given)
    return f"; {count:,} rows lack it and are left out" if count else ""


def _user_and_item(file: SeenFile, others: Sequence[SeenFile], chosen: Chosen, findings: Findings) -> tuple[str, str]:
    stems = {word for other in others for word in words(other.stem)}
    items = ITEM | (stems - USER)  # books.csv beside the loans: 'book' is the item
    free = [column for column in file.columns.values() if _may_be_id(column)]
    user = chosen.user or _best(file, free, USER, "user", findings, {chosen.item})
    item = chosen.item or _best(file, free, items, "item", findings, {chosen.user, user})
    if user and item:
        if user == item:
            raise BadInput(f"{file.path}: '{user}' cannot be both users and items: --user and --item name two columns")
        return user, item
    left = [column.name for column in free if column.name not in (user, item) and not _otherwise(column)]
    repeating = [name for name in left if not file.columns[name].is_unique]
    left = repeating if len(repeating) >= (not user) + (not item) else left
    if not file.has_header and len(left) >= 2 and not user and not item:
        findings.doubts.append(
            f"{file.path.name}: without names the first columns are taken for user and item, as is usual: "
            f"--user {left[0]} --item {left[1]} say it, or otherwise"
        )
        return left[0], left[1]
    if (user or item) and len(left) == 1:
        what, found = ("item", user) if user else ("user", item)
        findings.doubts.append(
            f"{file.path.name}: '{left[0]}' is taken for the {what}, as all that is left: --{what} COLUMN"
        )
        return (user, left[0]) if user else (left[0], str(found))
    lacking = " and ".join(f"{what}s" for what, found in (("user", user), ("item", item)) if not found)
    flags = " ".join(f"--{what} COLUMN" for what, found in (("user", user), ("item", item)) if not found)
    raise BadInput(
        f"{file.path}: which of its columns are the {lacking} cannot be told from {listed(list(file.columns))}: "
        f"say it by {flags}"
    )


def _may_be_id(column: Column) -> bool:
    return not column.is_unnamed and not column.is_row_number and column.kind in ("integer", "text", "number")


def _otherwise(column: Column) -> bool:
    """Whether its name says that it is something else."""
    return any(likeness(column.name, vocabulary) for vocabulary in (RATING, COUNT, TIME, PART, TITLE))


def _best(
    file: SeenFile,
    free: Sequence[Column],
    vocabulary: Iterable[str],
    what: str,
    findings: Findings,
    taken: set[str | None],
) -> str | None:
    """The column that is called most like it; of equals, the first one that has repetitions."""
    known = frozenset(vocabulary)
    liked = [(likeness(each.name, known), not each.is_unique, each.name) for each in free if each.name not in taken]
    best = max(((score, repeats) for score, repeats, _ in liked), default=(0, False))
    if not best[0]:
        return None
    names = [name for score, repeats, name in liked if (score, repeats) == best]
    if len(names) > 1:
        findings.doubts.append(
            f"{file.path.name}: {listed(names)} may all be the {what}, the first one is taken: --{what} COLUMN"
        )
    return names[0]


def _part(file: SeenFile, taken: dict[str, str]) -> str | None:
    """A column that says which part a row is in."""
    for column in file.columns.values():
        if column.name not in taken.values() and likeness(column.name, PART):
            parts = {PARTS.get(value) for value in column.distinct.head(20).str.to_lowercase()}
            if parts == {0, 1, 2}:
                return column.name
    return None


def _time(
    file: SeenFile, chosen: Chosen, taken: Iterable[str], keys: dict[str, object], findings: Findings
) -> dict[str, str]:
    """``timestamp`` or ``position``; its unit goes into ``keys``."""
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
    if (
        unit == "dmy"
        and column.date_forms["mdy"] == column.date_forms["dmy"]
        and not column.sample.str.contains(r"\.").any()
    ):
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


def _rating(
    file: SeenFile, chosen: Chosen, taken: Iterable[str], keys: dict[str, object], findings: Findings
) -> dict[str, str]:
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

"""Which file holds the interactions, and which of its columns are the users and the items."""

from collections.abc import Iterable, Sequence

import polars as pl

from harness.base.errors import BadInput, hint
from harness.data.guess.column_facts import Column
from harness.data.guess.findings import Chosen, Findings, listed, such_as
from harness.data.guess.interaction_values import part_column, rating_columns, time_columns
from harness.data.guess.seen_file import SeenFile
from harness.data.guess.words import COUNT, ITEM, PART, RATING, TIME, TITLE, USER, likeness, words

_WHOLE = r"^-?\d+\.0$"


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
    if part := part_column(file, columns):
        columns["part"] = part
        findings.tell("part", part, "says train, valid or test")
    columns |= time_columns(file, chosen, columns.values(), keys, findings)
    columns |= rating_columns(file, chosen, columns.values(), keys, findings)
    return {**file.keys, **keys, "columns": columns}


def whole_ids(columns: Iterable[Column]) -> bool:
    """Whether text ids all end with ``.0``, as those that pandas read as numbers; none that only some of them do."""
    texts = [column for column in columns if column.values.dtype == pl.String and len(column.given)]
    matching = [column.distinct.str.contains(_WHOLE) for column in texts]
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
    there = listed(list(file.columns)) + " (its first line must name them)" * any(
        column.is_unnamed for column in file.columns.values()
    )
    raise BadInput(
        f"{file.path}: which of its columns are the {lacking} cannot be told from {there}: say it by {flags}"
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

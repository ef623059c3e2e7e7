"""Which of a file's columns describe items or users, and as what."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from harness.base.errors import SHORT, BadInput
from harness.data.guess.column_facts import HALF, NOTHING_SAID, Column, share
from harness.data.guess.findings import Chosen, Findings, such_as
from harness.data.guess.interaction_columns import whole_ids
from harness.data.guess.seen_file import SeenFile
from harness.data.guess.words import CALLED, ITEM, SEVERAL, TITLE, USER, likeness, plain_name, words
from harness.data.table.card_columns import as_list
from harness.domain.ids import shown

BETWEEN = ("|", ";", ",", "/", ">")
"""What may stand between the values of a list."""
_YEAR = r"^(?<title>.*?)(?: \((?<year>\d{4})\))?$"
_HAS_YEAR = r" \(\d{4}\)$"
MOST_TITLES = 0.8
"""The share of titles that end with a year in brackets where that is the custom."""
_ROWS_EACH = 2
"""Interactions that items (users) have on average, at least, where what is the same in all of them describes them."""


def side_of(file: SeenFile, ids: dict[str, pl.Series]) -> tuple[str, str]:
    """Whom a file describes, ``item`` or ``user``, and the column with their ids.

    Args:
        ids: the different ids of the interactions, by side

    Raises:
        BadInput: where it describes neither.
    """
    vocabulary = {"item": ITEM, "user": USER}
    found = []
    for side, known in ids.items():
        for column in file.columns.values():
            if column.kind in ("empty", "date", "list") or column.is_unnamed:
                continue
            own = _as_ids(column)
            covered = share(known.is_in(own.implode()))
            called = likeness(column.name, vocabulary[side]) + bool(set(words(file.stem)) & vocabulary[side])
            found.append((bool(covered), column.is_unique, called, covered, side, column.name))
    best = max(found, default=None, key=lambda each: each[:4])
    if best is None or not best[0]:
        raise BadInput(
            f"{file.path}: no column of it has the users ({shown(ids['user'])}) or the items ({shown(ids['item'])}) of "
            "the interactions: are their ids written alike?"
        )
    return best[4], best[5]


def _as_ids(column: Column) -> pl.Series:
    """The different ids, those that end with ``.0`` without it."""
    return column.distinct.str.replace(r"^(-?\d+)\.0$", "$1") if whole_ids([column]) else column.distinct


def description_keys(
    file: SeenFile, side: str, key: str, known: pl.Series, names: Iterable[str], chosen: Chosen, findings: Findings
) -> dict[str, object]:
    """The card's table that describes items or users.

    Args:
        key: the column with their ids
        known: the different ids of the interactions
        names: the columns that may describe
    """
    own = _as_ids(file.columns[key])
    covered = int(known.is_in(own.implode()).sum())
    findings.tell(
        side, key, f"{len(own):,} different ids; {covered:,} of {len(known):,} that have interactions are here"
    )
    if covered < HALF * len(known):
        findings.doubts.append(f"{file.path.name}: few of the {side}s are in '{key}': are their ids written alike?")
    used = [file.columns[name] for name in names if name != key]
    used = [column for column in used if column.kind != "empty" and not column.is_unnamed]
    title = _title(used, chosen, file, findings) if side == "item" else None
    used = [column for column in used if column is not title]
    keys: dict[str, object] = {"whole_ids": True} if whole_ids([file.columns[key]]) else {}
    if missing := _missing(used):
        keys["missing"] = missing
        findings.rows.append(("  missing", f"{', '.join(map(repr, missing))} stand for nothing"))
    columns: dict[str, Any] = {side: key}
    if title is not None:
        columns |= _titled(title, used, keys, findings)
    names = _card_names(used, columns, file, side)
    for name, column in names.items():
        columns[name] = _declared(column, name, missing, keys)
        findings.tell(name, column.name, _told(column, columns[name]))
    if not file.has_header and "genres" in names:
        findings.doubts.append(
            f"{file.path.name}: '{names['genres'].name}' is taken for genres, as the first lists there are"
        )
    return {**file.keys, **keys, "columns": columns}


def _title(used: Sequence[Column], chosen: Chosen, file: SeenFile, findings: Findings) -> Column | None:
    if chosen.title is not None and chosen.title in file.columns:
        return file.columns[chosen.title]
    texts = [column for column in used if column.kind == "text" and likeness(column.name, TITLE)]
    if not texts and not file.has_header:
        texts = [column for column in used if column.kind == "text" and column.is_unique and not _separator(column)][:1]
        findings.doubts += [
            f"{file.path.name}: '{column.name}' is taken for the title, as texts that are all different: --title COLUMN"
            for column in texts
        ]
    if not texts:
        findings.doubts.append(
            f"{file.path.name}: no column is called like a title, which methods read: --title COLUMN"
        )
        return None
    return max(texts, key=lambda each: ("title" in words(each.name), likeness(each.name, TITLE)))


def _titled(
    title: Column, others: Sequence[Column], keys: dict[str, object], findings: Findings
) -> dict[str, str | dict[str, str]]:
    """The title for the card; a year that titles end with is split off, by a pattern in ``keys``."""
    rows = f"{len(title.given):,} of {len(title.values):,} rows have one"
    findings.tell("title", title.name, f"{rows}{such_as(title.given)}")
    if not _ends_with_years(title, others):
        return {"title": title.name}
    keys["split"] = {title.name: _YEAR}
    findings.rows.append(("  year", f"the four digits that '{title.name}' ends with"))
    return {"title": "title", "year": {"from": "year", "type": "integer"}}


def _missing(columns: Iterable[Column]) -> list[str]:
    found = {
        word for column in columns if column.kind != "list" for word in NOTHING_SAID if (column.given == word).any()
    }
    return sorted(found)


def _ends_with_years(title: Column, others: Sequence[Column]) -> bool:
    """Whether titles are like "Emma (1815)", and nothing else tells the year."""
    told = any(each.name == "title" or likeness(each.name, CALLED["year"].split()) > 1 for each in others)
    return not told and share(title.sample.str.contains(_HAS_YEAR)) >= MOST_TITLES


def _card_names(used: Sequence[Column], taken: Iterable[str], file: SeenFile, side: str) -> dict[str, Column]:
    """What cards call the columns: the names that definitions of groups look for where they are called like these."""
    known: dict[str, str] = {}
    for plain, spoken in CALLED.items():
        liked = [(likeness(column.name, spoken.split()), column.name) for column in used]
        best = max(liked, default=(0, ""), key=lambda each: each[0])
        if best[0] > 1 and plain not in taken:
            known[best[1]] = plain
    if side == "item" and not file.has_header:
        known |= (
            {column.name: "genres" for column in used if _separator(column)} if "genres" not in known.values() else {}
        )
    names: dict[str, Column] = {}
    for column in used:
        reserved = ["item", "user", *taken, *names, *known.values()]
        plain = known.get(column.name, "")
        names[plain if plain and plain not in names else plain_name(column.name, reserved)] = column
    return names


def _declared(column: Column, name: str, missing: list[str], keys: dict[str, object]) -> str | dict[str, Any]:
    """The column as a card declares it; a decimal comma is the whole file's."""
    if column.kind == "list":
        return {"from": column.name, "type": "list"}
    if column.kind in ("integer", "number") and _readable(column, missing):
        if column.decimal != ".":
            keys["decimal"] = column.decimal
        return {"from": column.name, "type": column.kind}
    if column.in_brackets:
        return {"from": column.name, "type": "list", "brackets": True}
    if separator := _separator(column):
        return {"from": column.name, "type": "list", "separator": separator}
    return {"from": column.name, "type": "list"} if name == "genres" else column.name


def _readable(column: Column, missing: list[str]) -> bool:
    """Whether nothing that is given would be lost as a number."""
    given = column.text.is_not_null() & ~column.text.is_in(missing)
    return not (given & column.numbers.is_null()).any()


def _separator(column: Column) -> str | None:
    """What divides its values into parts that come again; None for texts and single labels."""
    several = bool(set(words(column.name)) & SEVERAL)
    found = {}
    for between in BETWEEN:
        divided = share(column.given.str.contains(between, literal=True))
        if divided < (0.01 if several else 0.1):
            continue
        parts = column.distinct.str.split(between).explode().str.strip_chars()
        if several or parts.n_unique() <= len(column.distinct):
            found[between] = divided
    return max(found, key=lambda between: found[between], default=None)


def _told(column: Column, declared: str | dict[str, Any]) -> str:
    kind = declared.get("type", "text") if isinstance(declared, dict) else "text"
    rows = f"{len(column.given):,} of {len(column.values):,} rows have it"
    if kind == "list":
        separator = declared.get("separator") if isinstance(declared, dict) else None
        labels = (
            as_list(column.values, separator, (), column.in_brackets).explode().drop_nulls().unique(maintain_order=True)
        )
        between = "lists in brackets" if column.in_brackets else f"lists with '{separator}' between values"
        what = between if separator or column.in_brackets else "lists"
        return f"{what}, {len(labels):,} different values{such_as(labels)}; {rows}"
    if kind in ("integer", "number"):
        low, high = column.range
        return f"{kind}s from {low:g} to {high:g}; {rows}"
    return f"text, {len(column.distinct):,} different values{such_as(column.given)[:SHORT]}; {rows}"


def attributes(file: SeenFile, columns: Mapping[str, str], said: Mapping[str, str | None]) -> dict[str, list[str]]:
    """Columns of the interactions that describe items, or users: the same in all of their rows; by side.

    Args:
        columns: what the card takes of the file, such as ``user`` and ``item``
        said: by side, a column that the user has named
    """
    found: dict[str, list[str]] = {"item": [], "user": []}
    for column in file.columns.values():
        if column.name in columns.values() or column.is_unnamed or column.is_row_number or len(column.distinct) < 2:
            continue
        sides = (side for side in found if said.get(side) == column.name or _describes(file, columns[side], column))
        if side := next(sides, None):
            found[side].append(column.name)
    return found


def _describes(file: SeenFile, key: str, column: Column) -> bool:
    ids = len(file.columns[key].distinct)
    pairs = pl.DataFrame({"key": file.columns[key].text, "value": column.text}).drop_nulls().n_unique()
    return file.fields.height >= _ROWS_EACH * ids and pairs <= ids

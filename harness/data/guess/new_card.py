"""A card for files of one's own: guessed, tried on the files, and only then to be written."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from harness.base.errors import BadInput
from harness.base.messages import Say, silent
from harness.base.validation_message import complaints
from harness.data.guess.card_text import card_text
from harness.data.guess.description_columns import attributes, description_keys, side_of
from harness.data.guess.findings import Chosen, Findings, listed
from harness.data.guess.fitting_options import fitting
from harness.data.guess.interaction_columns import interaction_keys, interactions_among
from harness.data.guess.seen_file import SeenFile, look_at, pooled
from harness.data.table.card_columns import as_id
from harness.data.table.card_dataset import made
from harness.data.table.card_file import TableCard
from harness.data.table.card_folder import digest

SIDES = ("item", "user")


@dataclass(frozen=True)
class NewCard:
    """A card that has been tried.

    Attributes:
        path: where it belongs
        text: what is to be written
        rows: what was guessed and what speaks for it, in two columns
        options: keys of a run's spec that these data need other than at their defaults, dotted, and their values
        has_texts: whether items have titles
    """

    path: Path
    text: str
    rows: tuple[tuple[str, str], ...]
    options: Mapping[str, Any]
    has_texts: bool


def card_path(name: str, files: Sequence[Path]) -> Path:
    """Where the card belongs: beside the files, into the folder that they have in common.

    Where that folder cannot be written, it is the working directory.
    """
    folder = _folder_of(files)
    return (folder if os.access(folder, os.W_OK) or not folder.is_dir() else Path.cwd()) / f"{name}.toml"


def _folder_of(files: Sequence[Path]) -> Path:
    return Path(os.path.commonpath([os.path.dirname(os.path.abspath(file)) for file in files]))


def new_card(name: str, files: Sequence[Path], chosen: Chosen, say: Say = silent) -> NewCard:
    """Look at the files and make a card of them, in memory; where it belongs :func:`card_path` says.

    Args:
        say: is told what is being done

    Raises:
        BadInput: one line on what cannot be read or guessed.
    """
    absolute = [Path(os.path.abspath(file)) for file in files]
    if repeated := [file for file in absolute if absolute.count(file) > 1]:
        raise BadInput(f"{repeated[0]} is given twice")
    folder, path = _folder_of(files), card_path(name, files)
    place = {} if path.parent == folder else {"folder": str(folder)}
    looked_at = []
    for file in absolute:
        say(f"looking at {file.name}")
        looked_at.append(look_at(file, folder, chosen.names))
    seen, divided = pooled(looked_at)
    findings = Findings()
    tables = _tables(seen, chosen, findings)
    card = _checked({"name": name, **place, **tables}, path)
    say("reading them as the card says")
    data = made(card, path, digest(card, path), folder)().read(folder)
    fit = fitting(data, divided or "part" in tables["interactions"]["columns"], findings)
    sizes = f"{data.interactions.height:,} interactions"
    head: dict[str, Any] = {
        "name": name,
        "title": name,
        "summary": sizes,
        "homepage": "",
        "licence": "",
        "citation": "",
    }
    head |= {**place, "groupings": fit.groupings, "default_group": fit.groupings[0]}
    rows = tuple(findings.lines())
    comments = ["What was guessed, and what speaks for it:", *(f"{what}: {why}" for what, why in rows)]
    text = card_text({**head, **tables}, comments)
    return NewCard(path, text, rows, fit.options, "title" in data.items.columns)


def _tables(seen: Sequence[SeenFile], chosen: Chosen, findings: Findings) -> dict[str, Any]:
    """The card's tables."""
    main = interactions_among(seen, chosen)
    others = [file for file in seen if file is not main]
    findings.file(main, "interactions")
    tables: dict[str, Any] = {"interactions": interaction_keys(main, others, chosen, findings)}
    columns: dict[str, str] = tables["interactions"]["columns"]
    whole = bool(tables["interactions"].get("whole_ids"))
    ids = {
        side: as_id(main.fields[columns[side]], (), whole).drop_nulls().unique(maintain_order=True) for side in SIDES
    }
    for file in others:
        side, key = side_of(file, ids)
        if f"{side}s" in tables:
            raise BadInput(f"{file.path} and {tables[f'{side}s']['file']} both describe {side}s: give one of them")
        findings.file(file, f"{side}s")
        tables[f"{side}s"] = description_keys(file, side, key, ids[side], file.columns, chosen, findings)
    within = _within(main, columns, tables, chosen)
    for side, names in within.items():
        findings.rows.append((f"{side}s", f"described by the interactions: the same in all rows of one {side}"))
        tables[f"{side}s"] = description_keys(main, side, columns[side], ids[side], names, chosen, findings)
    used = {*columns.values(), *(name for names in within.values() for name in names)}
    if unused := [name for name in main.columns if name not in used]:
        findings.rows.append(("not used", f"of {main.path.name}: {listed(unused)}"))
    if chosen.title is not None and chosen.title not in _sources(tables.get("items", {})):
        raise BadInput(f"no file that describes items has a column '{chosen.title}': --title names one of theirs")
    return {name: tables[name] for name in ("interactions", "items", "users") if name in tables}


def _within(
    main: SeenFile, columns: Mapping[str, str], tables: Mapping[str, Any], chosen: Chosen
) -> dict[str, list[str]]:
    """Columns of the interactions that describe those of whom there is no file, by side."""
    if "validation" in main.keys:
        return {}
    found = attributes(main, columns, {"item": chosen.title})
    return {side: names for side, names in found.items() if names and f"{side}s" not in tables}


def _sources(table: Mapping[str, Any]) -> set[str]:
    """The file's own names of the columns that a table uses."""
    columns = table.get("columns", {}).values()
    return {*table.get("split", {}), *(each["from"] if isinstance(each, dict) else each for each in columns)}


def _checked(tree: dict[str, Any], path: Path) -> TableCard:
    try:
        return TableCard.model_validate(tree)
    except ValidationError as error:
        raise BadInput(f"{path}: {'; '.join(complaints(error, TableCard))}") from None

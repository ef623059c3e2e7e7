"""Data without files: tables in memory become a data set that every run, study and command can use by its name."""

import io
import json
import re
import shutil
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from harness.api.asked import several, text_of
from harness.api.content import KINDS, content_of
from harness.api.incoming import Columns, as_polars, described, renamed
from harness.api.incoming_interactions import read_interactions
from harness.base import paths
from harness.base.checksums import write_sums
from harness.base.errors import BadInput, HarnessError
from harness.base.printable import printable
from harness.base.sealed import write_whole
from harness.base.writable import unwritable_home
from harness.data.table.card_columns import LIST
from harness.data.table.install import install
from harness.plugins.registry import registry

if TYPE_CHECKING:
    from harness.api.incoming import Frame

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{,63}")
_COLUMN = re.compile(r"[a-z][a-z0-9_]*")


def dataset_from_frames(
    interactions: "Frame",
    items: "Frame | None" = None,
    users: "Frame | None" = None,
    *,
    name: str = "frames",
    columns: Columns | None = None,
    groupings: str | Sequence[str] | None = None,
) -> str:
    """Make tables in memory a data set, and answer its name: ``RunSpec(dataset=NAME)``, or ``--dataset NAME``.

    The tables are written to the home folder once. The name holds a hash of their content: the same tables are the same
    data set on every machine, so that a run on them is found again; other tables are another one, and runs on the first
    can still be looked into.

    Args:
        interactions: polars or pandas; ``user`` and ``item`` of any type, and where known ``rating``, ``timestamp``
            (seconds since 1970, ISO 8601 text, or dates) or ``position``; other columns are not read
        items: ``item`` and whatever describes items: ``title`` is what language models read, ``genres`` (lists of text)
            makes groups
        users: ``user`` and whatever describes users
        name: what the data set is called, before the hash
        columns: our names to yours, where they differ: ``{"user": "reader", "item": "book", "title": "name"}``
        groupings: what is reported, the first one trained on; unset: ``genre`` where items have ``genres``, and
            ``popularity``

    Raises:
        BadInput: one line, and nothing stays behind: a column that is missing or cannot be read, an unknown grouping,
            or one that cannot be formed.

    >>> import harness as h
    >>> import polars as pl
    >>> loans = pl.DataFrame({"reader": [i // 10 for i in range(200)], "book": [i % 25 for i in range(200)]})
    >>> genres = [["prose"], ["verse"], ["verse", "prose"]] * 8 + [["prose"]]
    >>> books = pl.DataFrame({"book": range(25), "genres": genres})
    >>> mine = {"user": "reader", "item": "book"}
    >>> name = h.dataset_from_frames(loans, books, name="loans", columns=mine)
    >>> h.dataset_from_frames(loans, books, name="loans", columns=mine) == name  # the same tables, the same data set
    True
    >>> run = h.run(h.RunSpec(method="most_popular", dataset=name))
    >>> h.find_runs(dataset=name) == [run]
    True
    """
    if not _NAME.fullmatch(text_of(name, "name")):
        raise BadInput(f"name={name!r}: a name is made of a-z, 0-9 and -, at most 64 of them")
    frames = {"interactions": as_polars(interactions, "interactions")}
    given = {"items": items, "users": users}
    frames |= {part: as_polars(frame, part) for part, frame in given.items() if frame is not None}
    tables = {part: _canonical(part, table) for part, table in renamed(frames, columns).items()}
    chosen = _usual(tables) if groupings is None else _checked(groupings)
    whole = f"{name}-{content_of(tables, name, *chosen)}"
    for reason, count in _keep(whole, tables, _card(whole, tables, chosen)).items():
        warnings.warn(printable(f"{whole}: {count:,} {reason}"), stacklevel=2)
    return whole


def _keep(name: str, tables: Mapping[str, pl.DataFrame], card: str) -> Mapping[str, int]:
    """Files and card in the home folder; answers what is left out of them, by reason, where they are new."""
    folder, kept = paths.frames_folder() / name, paths.cards_folder() / f"{name}{paths.CARD_ENDING}"
    known = folder.is_dir()
    try:
        for part, table in tables.items():
            _write(folder / f"{part}.parquet", table)
        write_sums(folder, [f"{part}.parquet" for part in tables])
        if kept.is_file() and kept.read_text(encoding="utf-8") == card:
            return {}
        write_whole(folder / kept.name, card.encode())
        return install(folder / kept.name).corpus.counts
    except (HarnessError, OSError) as error:
        if not known:
            shutil.rmtree(folder, ignore_errors=True)
        if isinstance(error, OSError):
            raise unwritable_home(error, folder) from None
        raise


def _canonical(part: str, table: pl.DataFrame) -> pl.DataFrame:
    """The table as it is kept: text ids, plain types, columns and interactions in an order of their own."""
    if part != "interactions":
        side = part.removesuffix("s")
        kept = described(table, side, part)
        for column in kept.columns:
            if not _COLUMN.fullmatch(column):
                plain = re.sub(r"[^a-z0-9_]+", "_", column.lower()).strip("_")
                raise BadInput(
                    f"{part}: '{column}' is no name for a column (a-z, 0-9 and _): call it otherwise, "
                    f"or say columns={{'{plain}': '{column}'}}"
                )
        return kept.select(side, *sorted(column for column in kept.columns if column != side))
    return read_interactions(table)


def _checked(groupings: str | Sequence[str]) -> list[str]:
    """The names of groupings as their owners spell them, each once."""
    names = [groupings] if isinstance(groupings, str) else several(groupings, "groupings")
    if not names:
        raise BadInput("groupings: one at least is needed")
    return list(dict.fromkeys(registry.check("grouping", name) for name in names))


def _usual(tables: Mapping[str, pl.DataFrame]) -> list[str]:
    """What is reported unless something else is asked for.

    Raises:
        BadInput: where genres are there, but not as lists: nobody would notice that they make no groups.
    """
    kind = tables["items"].schema.get("genres", pl.Null) if "items" in tables else pl.Null
    if kind not in (LIST, pl.Null):
        raise BadInput(
            f"items: the column 'genres' holds {KINDS[kind]}, lists of text make groups: split it, as polars does by "
            ".str.split('|'), or say which groupings=[…] are meant"
        )
    return ["genre", "popularity"] if kind == LIST else ["popularity"]


def _write(file: Path, table: pl.DataFrame) -> None:
    """The table as a file, unless it is there already."""
    if file.is_file():
        try:
            if pl.read_parquet(file, glob=False).equals(table):
                return
        except (pl.exceptions.PolarsError, OSError):  # damaged: it is made again
            file.unlink()
    content = io.BytesIO()
    table.write_parquet(content)
    write_whole(file, content.getvalue())


def _card(name: str, tables: Mapping[str, pl.DataFrame], groupings: Sequence[str]) -> str:
    """The card that describes the files."""
    text = {
        "name": name,
        "title": name,
        "summary": f"{tables['interactions'].height:,} interactions that came as tables from Python",
        "homepage": "",
        "licence": "not said",
        "citation": "not said",
        "folder": f"${{{paths.HOME_VARIABLE}}}/{paths.frames_folder().name}/{name}",
        "groupings": list(groupings),
        "default_group": groupings[0],
    }
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in text.items()]
    for part, table in tables.items():
        lines += ["", f"[{part}]", f'file = "{part}.parquet"', f"[{part}.columns]"]
        for column, kind in table.schema.items():
            plain = part == "interactions" or column == part.removesuffix("s")
            lines.append(
                f'{column} = "{column}"' if plain else f'{column} = {{ from = "{column}", type = "{KINDS[kind]}" }}'
            )
    return "\n".join(lines) + "\n"

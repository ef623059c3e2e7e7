"""RecBole's atomic files: any folder with NAME.inter, and NAME.item and NAME.user where they exist.

Format: tab-separated, the first line names fields and their types (``item_id:token``, ``title:token_seq``,
``rating:float``, ``vector:float_seq``), the parts of a sequence are separated by blanks
(https://recbole.io/docs/user_guide/data/atomic_files.html).
"""

from pathlib import Path
from typing import ClassVar

import polars as pl
from pydantic import Field

from harness.base.errors import BadInput, unknown
from harness.base.frozen import Frozen
from harness.data.readers.fields import Fields, field_lines, header_of, read_field_lines
from harness.data.readers.raw_interactions import Skipped, gather_interactions
from harness.data.readers.rows import one_row_each, those_in
from harness.domain.card import Card
from harness.domain.tables import Tables
from harness.plugins import Dataset

WRONG_LENGTH = "wrong number of fields"
TYPES = ("token", "token_seq", "float", "float_seq")
LAYOUT = Fields(separator="\t", quotes=False)
USUAL_NAMES = {"title": ("title", "movie_title", "name", "book_title"), "genres": ("genres", "genre", "class")}
"""The project's columns, and how RecBole's published files call them."""


class RecBoleConfig(Frozen):
    """Which files, and what their fields mean."""

    files: str = Field("", description="NAME in NAME.inter; empty: the only one in the folder")
    user: str = Field("user_id", description="the field of users")
    item: str = Field("item_id", description="the field of items")
    rating: str = Field("rating", description="the field of ratings, where there is one")
    timestamp: str = Field("timestamp", description="the field of times in seconds, where there is one")
    title: str = Field("", description=f"the items' title; empty: the first there is of {USUAL_NAMES['title']}")
    genres: str = Field("", description=f"the items' genres; empty: the first there is of {USUAL_NAMES['genres']}")


class RecBole(Dataset):
    """A folder of atomic files, such as those that RecBole publishes for many data sets: ``--data FOLDER``."""

    name = "recbole"
    summary = "any folder of RecBole's atomic files (.inter, .item, .user): --data FOLDER"
    Config: ClassVar[type[Frozen]] = RecBoleConfig
    config: RecBoleConfig
    card = Card(
        title="RecBole atomic files",
        homepage="https://recbole.io/dataset_list.html",
        licence="that of the data set in the folder",
        citation="that of the data set in the folder",
        sources=(),
        groupings=("popularity",),
        default_group="popularity",
    )

    def recognises(self, folder: Path) -> bool:
        """Whether ``folder`` holds the one ``.inter`` file that is meant."""
        return len(self._inter(folder)) == 1

    def files(self, folder: Path) -> list[Path]:
        """The ``.inter`` file, and those of items and users where they exist."""
        return [
            path.with_suffix(kind)
            for path in self._inter(folder)
            for kind in (".inter", ".item", ".user")
            if path.with_suffix(kind).is_file()
        ]

    def read(self, folder: Path) -> Tables:
        """Every field of the items' and users' files is a column; ``token_seq`` and ``float_seq`` are lists.

        The title is text and called ``title``; the genres are called ``genres``.

        Raises:
            BadInput: where there is not one ``.inter`` file, or where a header is not what the format says.
        """
        found = self._inter(folder)
        if len(found) != 1:
            stems = ", ".join(path.stem for path in found) or "none"
            raise BadInput(f"{folder}: one .inter file is needed; found: {stems} (choose with dataset_options.files)")
        inter = found[0]
        interactions, skipped = self._interactions(inter)
        items, left_out = self._described(inter.with_suffix(".item"), "item", interactions)
        users, left_out_users = self._described(inter.with_suffix(".user"), "user", interactions)
        return Tables(interactions, items, users, skipped | left_out | left_out_users)

    def _inter(self, folder: Path) -> list[Path]:
        return sorted(folder.glob(f"{self.config.files or '*'}.inter"))

    def _interactions(self, path: Path) -> tuple[pl.DataFrame, Skipped]:
        types = _types(path)
        options = self.config
        names = {"user": options.user, "item": options.item, "rating": options.rating, "timestamp": options.timestamp}
        for side in ("user", "item"):
            if names[side] not in types:
                raise unknown(f"field in {path.name} (dataset_options.{side})", names[side], types)
        present = {ours: theirs for ours, theirs in names.items() if theirs in types}
        return gather_interactions(field_lines(path, LAYOUT, named=_name), present, WRONG_LENGTH)

    def _described(self, path: Path, side: str, interactions: pl.DataFrame) -> tuple[pl.DataFrame, Skipped]:
        if not path.is_file():
            return those_in(interactions, side), {}
        types = _types(path)
        key = self.config.item if side == "item" else self.config.user
        if key not in types:
            raise unknown(f"field in {path.name} (dataset_options.{side})", key, types)
        texts, bad = read_field_lines(path, LAYOUT, named=_name)
        ours = {key: side} | (self._renamed(types) if side == "item" else {})
        columns = [_typed(name, types[name], ours.get(name, name)) for name in types]
        table, skipped = one_row_each(texts.select(columns), side)
        return table, skipped | ({f"{side}s: {WRONG_LENGTH}": bad} if bad else {})

    def _renamed(self, types: dict[str, str]) -> dict[str, str]:
        """The items' fields that the project has names for."""
        renamed = {}
        for ours, usual in USUAL_NAMES.items():
            given = getattr(self.config, ours)
            if given and given not in types:
                raise unknown(f"field of items (dataset_options.{ours})", given, types)
            theirs = given or next((name for name in usual if name in types), "")
            if theirs:
                renamed[theirs] = ours
        return renamed


def _types(path: Path) -> dict[str, str]:
    """Each field's type."""
    types = {}
    for field in header_of(path, LAYOUT):
        name, _, kind = field.partition(":")
        if kind not in TYPES:
            raise BadInput(
                f"{path}: the first line must name fields and types such as item_id:token, not {field[:80]!r}"
            )
        types[name] = kind
    return types


def _name(field: str) -> str:
    return field.partition(":")[0]


def _typed(name: str, kind: str, ours: str) -> pl.Expr:
    text = pl.col(name).str.strip_chars()
    if ours in ("title", "item", "user"):
        return pl.when(text != "").then(text).alias(ours)
    if kind == "float":
        return text.cast(pl.Float64, strict=False).alias(ours)
    if kind.endswith("_seq") or ours == "genres":
        parts = text.str.split(" ") if kind.endswith("_seq") else pl.concat_list(text)
        words = parts.list.eval(pl.element().str.strip_chars(",").filter(pl.element() != ""))
        return (words.cast(pl.List(pl.Float64), strict=False) if kind == "float_seq" else words).alias(ours)
    return pl.when(text != "").then(text).alias(ours)

"""RecBole's atomic files: any folder with NAME.inter, and NAME.item and NAME.user where they exist.

A benchmark's own split is three files, NAME.train.inter, NAME.valid.inter and NAME.test.inter: ``data.split=given``.

Format: tab-separated, the first line names fields and their types (``item_id:token``, ``title:token_seq``,
``rating:float``, ``vector:float_seq``), the parts of a sequence are separated by blanks, unless
``separator`` says otherwise
(https://recbole.io/docs/user_guide/data/atomic_files.html).
"""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from pydantic import Field

from harness.base.errors import BadInput, unknown
from harness.base.frozen import Frozen, Grown
from harness.base.late import pl
from harness.data.readers.fields import Fields, field_lines, header_of, read_field_lines
from harness.data.readers.raw_interactions import Skipped, gather_interactions, in_parts
from harness.data.readers.rows import one_row_each, those_in
from harness.domain.card import Card
from harness.domain.tables import Tables
from harness.plugins import Dataset

WRONG_LENGTH = "wrong number of fields"
PARTS = ("train", "valid", "test")
TYPES = ("token", "token_seq", "float", "float_seq")
LAYOUT = Fields(separator="\t", quotes=False)
USUAL_NAMES = {"title": ("title", "movie_title", "name", "book_title"), "genres": ("genres", "genre", "class")}
"""The project's columns, and how RecBole's published files call them."""


class RecBoleConfig(Grown):
    """Which files, and what their fields mean."""

    later: ClassVar[tuple[str, ...]] = ("separator",)

    files: str = Field(
        "",
        description="NAME in NAME.inter, or in NAME.train.inter, NAME.valid.inter and NAME.test.inter; empty: the only "
        "one in the folder",
    )
    user: str = Field("user_id", description="the field of users")
    item: str = Field("item_id", description="the field of items")
    rating: str = Field("rating", description="the field of ratings, where there is one")
    timestamp: str = Field("timestamp", description="the field of times in seconds, where there is one")
    title: str = Field("", description=f"the items' title; empty: the first there is of {USUAL_NAMES['title']}")
    separator: str = Field(
        " ", min_length=1, description="between the parts of a token_seq: ', ' where it is 'Slice of Life, Sci-Fi'"
    )
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
        """Whether ``folder`` holds ``.inter`` files that may be meant; of several, :meth:`read` says how to choose."""
        return bool(self._candidates(folder))

    def files(self, folder: Path) -> list[Path]:
        """The ``.inter`` files, and those of items and users where they exist."""
        return [
            path
            for name, inter in self._candidates(folder)
            for path in (*inter, folder / f"{name}.item", folder / f"{name}.user")
            if path.is_file()
        ]

    def read(self, folder: Path) -> Tables:
        """Every field of the items' and users' files is a column; ``token_seq`` and ``float_seq`` are lists.

        The title is text and called ``title``; the genres are called ``genres``.

        Raises:
            BadInput: where there is not one ``.inter`` file, or where a header is not what the format says.
        """
        name, inter = self._chosen(folder)
        interactions, skipped = self._interactions(inter)
        items, left_out = self._described(folder / f"{name}.item", "item", interactions)
        users, left_out_users = self._described(folder / f"{name}.user", "user", interactions)
        return Tables(interactions, items, users, skipped | left_out | left_out_users)

    def _chosen(self, folder: Path) -> tuple[str, tuple[Path, ...]]:
        found = self._candidates(folder)
        if len(found) == 1:
            return found[0]
        names = ", ".join(" + ".join(path.name for path in paths) for _, paths in found) or "none"
        stems = sorted({name for name, _ in found})
        hint = f"choose with --set dataset_options.files={stems[0]}" if len(stems) != 1 else "move one of them away"
        if not stems:
            hint = "dataset_options.files is NAME in NAME.inter"
        raise BadInput(f"{folder}: one .inter file is needed; found: {names} ({hint})")

    def _candidates(self, folder: Path) -> list[tuple[str, tuple[Path, ...]]]:
        """Names, each with its ``.inter`` file, or with those of training, validation and test."""
        stems = {path.stem for path in folder.glob("*.inter")}
        divided = {
            stem: tuple(f"{stem}.{part}" for part in PARTS) for stem in {stem.rpartition(".")[0] for stem in stems}
        }
        divided = {name: parts for name, parts in divided.items() if stems.issuperset(parts)}
        whole = stems.difference(*divided.values())
        found = [*((name, (name,)) for name in whole), *divided.items()]
        chosen = self.config.files
        return [
            (name, tuple(folder / f"{stem}.inter" for stem in files))
            for name, files in sorted(found)
            if not chosen or name == chosen
        ]

    def _interactions(self, files: tuple[Path, ...]) -> tuple[pl.DataFrame, Skipped]:
        path = files[0]
        types = _types(path)
        for other in files[1:]:
            if _types(other).keys() != types.keys():
                raise BadInput(f"{other}: its fields are not those of {path.name}: {', '.join(_types(other))}")
        options = self.config
        names = {"user": options.user, "item": options.item, "rating": options.rating, "timestamp": options.timestamp}
        for side in ("user", "item"):
            if names[side] not in types:
                raise unknown(f"field in {path.name} (dataset_options.{side})", names[side], types)
        present = {ours: theirs for ours, theirs in names.items() if theirs in types}
        rows = (field_lines(path, LAYOUT, named=_name) for path in files)
        if len(files) == 1:
            return gather_interactions(next(rows), present, WRONG_LENGTH)
        return gather_interactions(in_parts(enumerate(rows)), present | {"part": "part"}, WRONG_LENGTH)

    def _described(self, path: Path, side: str, interactions: pl.DataFrame) -> tuple[pl.DataFrame, Skipped]:
        if not path.is_file():
            return those_in(interactions, side), {}
        types = _types(path)
        key = self.config.item if side == "item" else self.config.user
        if key not in types:
            raise unknown(f"field in {path.name} (dataset_options.{side})", key, types)
        texts, bad = read_field_lines(path, LAYOUT, named=_name)
        ours = {key: side} | (self._renamed(types) if side == "item" else {})
        columns = [_typed(name, types[name], ours.get(name, name), self.config.separator) for name in types]
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
        if name in types:
            raise BadInput(f"{path}: its first line names '{name}' twice: rename one of the two")
        types[name] = kind
    return types


def _name(field: str) -> str:
    return field.partition(":")[0]


def _typed(name: str, kind: str, ours: str, separator: str) -> pl.Expr:
    text = pl.col(name).str.strip_chars()
    if ours in ("title", "item", "user"):
        return pl.when(text != "").then(text).alias(ours)
    if kind == "float":
        return text.cast(pl.Float64, strict=False).alias(ours)
    if kind.endswith("_seq") or ours == "genres":
        between = separator if kind == "token_seq" else " "
        parts = text.str.split(between) if kind.endswith("_seq") else pl.concat_list(text)
        words = parts.list.eval(pl.element().str.strip_chars(" ,").filter(pl.element() != ""))
        return (words.cast(pl.List(pl.Float64), strict=False) if kind == "float_seq" else words).alias(ours)
    return pl.when(text != "").then(text).alias(ours)

"""A file that was looked at, whole: how it is written and what its columns hold."""

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import polars as pl

from harness.base.errors import BadInput
from harness.data.guess.column_facts import Column
from harness.data.guess.text_layout import text_layout
from harness.data.table.card_columns import PARTS
from harness.data.table.card_file import FileSpec
from harness.data.table.table_files import read_file

_PARQUET = b"PAR1"


@dataclass(frozen=True, eq=False)
class SeenFile:
    """A file, or the three of one table.

    Attributes:
        path: where it lies
        keys: of a card's table: ``file`` and how it is written
        fields: its rows; of three files, those of all
        told: how it is written, for people
        doubts: what may be otherwise
    """

    path: Path
    keys: dict[str, object]
    fields: pl.DataFrame
    told: str
    doubts: tuple[str, ...]

    @cached_property
    def columns(self) -> dict[str, Column]:
        """By name, in the file's order."""
        return {name: Column(name, self.fields[name]) for name in self.fields.columns}

    @property
    def has_header(self) -> bool:
        """Whether its columns have names of their own."""
        return "fields" not in self.keys

    @property
    def stem(self) -> str:
        """Its name without its ending."""
        return Path(self.path.name.removesuffix(".gz")).stem

    def described(self) -> str:
        """The file in a line."""
        return f"{self.fields.height:,} rows, {self.fields.width} columns, {self.told}"


def look_at(path: Path, folder: Path, known: Collection[str]) -> SeenFile:
    """Read a file of unknown layout.

    Args:
        folder: the card's, which the file lies in
        known: names of columns that the user has said

    Raises:
        BadInput: where it is missing, or no table.
    """
    if not path.is_file():
        raise BadInput(f"{path}: no such file")
    with path.open("rb") as file:
        parquet = file.read(len(_PARQUET)) == _PARQUET
    keys: dict[str, object] = {"file": path.relative_to(folder).as_posix()}
    told = "parquet"
    doubts: tuple[str, ...] = ()
    if parquet:
        keys |= {} if path.suffix == ".parquet" else {"format": "parquet"}
    else:
        layout = text_layout(path, known)
        keys, told, doubts = keys | layout.keys, layout.told, layout.doubts
    raw = read_file(path, FileSpec.model_validate(keys))
    if raw.malformed:
        doubts = (*doubts, f"{path.name}: {raw.malformed:,} rows have another number of fields and are left out")
    return SeenFile(path, keys, raw.fields, told, doubts)


def pooled(files: list[SeenFile]) -> tuple[list[SeenFile], bool]:
    """The files, three that look like the parts of one table as one; and whether there were such."""
    parts: dict[int, SeenFile] = {}
    rests: set[tuple[str, ...]] = set()
    for file in files:
        said = re.split(r"([^a-z]+)", file.stem.lower())
        for place, word in enumerate(said):
            if word in PARTS:
                parts[PARTS[word]] = file
                rests.add((*said[:place], "", *said[place + 1 :]))
                break
    columns = {tuple(file.fields.columns) for file in parts.values()}
    if len(parts) != 3 or len(columns) != 1 or len(rests) != 1:
        return files, False
    training, validation, test = (parts[part] for part in range(3))
    if any({**other.keys, "file": ""} != {**training.keys, "file": ""} for other in (validation, test)):
        raise BadInput(
            f"{training.path.name}, {validation.path.name} and {test.path.name} look like the parts of one table, but "
            "are written differently (separator, encoding or header): write them alike"
        )
    whole = replace(
        training,
        keys={**training.keys, "validation": validation.keys["file"], "test": test.keys["file"]},
        fields=pl.concat([part.fields for part in (training, validation, test)], how="vertical_relaxed"),
        told=f"{training.told}; the parts of {', '.join(part.path.name for part in (training, validation, test))}",
        doubts=tuple(doubt for part in (training, validation, test) for doubt in part.doubts),
    )
    return [whole, *(file for file in files if file not in parts.values())], True

"""A report before it is written: sections of text, tables and pictures, the same for every format."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Text:
    """A paragraph, or with ``items`` a list after it."""

    text: str
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        name: of its files, without an ending
        caption: what it shows, in one sentence
        headings: of the columns
        lines: what people read, a text per heading
        data: what programs read, one mapping of plain values per row of a CSV or Parquet file
        strong: places (line, column) that are set in bold: those whose difference is significant, and no others
        note: below the table
        leading: whether a terminal shows it when the study ends
    """

    name: str
    caption: str
    headings: tuple[str, ...]
    lines: tuple[tuple[str, ...], ...]
    data: Sequence[Mapping[str, Any]] = ()
    strong: frozenset[tuple[int, int]] = frozenset()
    note: str = ""
    leading: bool = False


@dataclass(frozen=True, eq=False)
class Picture:
    """A figure, drawn; ``name`` is that of its files, ``caption`` says what one sees."""

    name: str
    caption: str
    figure: "Figure"


Block = Text | Table | Picture


@dataclass(frozen=True)
class Section:
    """A part of a report under a heading."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A report: what it is called, what it answers, its parts.

    Attributes:
        files: texts that are kept beside it, by the name of their file
    """

    title: str
    lead: str
    sections: tuple[Section, ...] = ()
    files: Mapping[str, str] = field(default_factory=dict)

    @property
    def tables(self) -> list[Table]:
        """All of them, in the order of the report."""
        return [block for section in self.sections for block in section.blocks if isinstance(block, Table)]

    @property
    def pictures(self) -> list[Picture]:
        """All of them, in the order of the report."""
        return [block for section in self.sections for block in section.blocks if isinstance(block, Picture)]

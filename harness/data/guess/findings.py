"""What was guessed so far: lines for people, what is not sure, and what the user has said."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from harness.base.errors import SHORT
from harness.data.guess.seen_file import SeenFile


@dataclass(frozen=True)
class Chosen:
    """Columns that the user names; None where they are to be guessed."""

    user: str | None = None
    item: str | None = None
    time: str | None = None
    rating: str | None = None
    title: str | None = None

    @property
    def names(self) -> frozenset[str]:
        """All that are named."""
        return frozenset(
            name for name in (self.user, self.item, self.time, self.rating, self.title) if name is not None
        )


@dataclass
class Findings:
    """Filled while files are looked at.

    Attributes:
        rows: by file, of each column what it is taken for and what speaks for it
        doubts: what may be otherwise, and how to say so
    """

    rows: list[tuple[str, str]] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)

    def tell(self, what: str, column: str, evidence: str) -> None:
        """A column that is used."""
        self.rows.append((f"  {what}", f"'{column}': {evidence}"))

    def file(self, file: SeenFile, what: str) -> None:
        """A file, before its columns."""
        self.rows.append((file.path.name, f"{what}: {file.described()}"))
        self.doubts += file.doubts

    def lines(self) -> Iterator[tuple[str, str]]:
        """All of it, what is not sure last."""
        yield from self.rows
        yield from (("not sure", doubt) for doubt in self.doubts)


def such_as(values: pl.Series) -> str:
    """An example, short."""
    return f", such as {str(values[0])[:SHORT]!r}" if len(values) else ""


def listed(names: Sequence[str]) -> str:
    """Names in quotes, not too many."""
    return ", ".join(f"'{name}'" for name in names[:12]) + f" and {len(names) - 12} more" * (len(names) > 12)

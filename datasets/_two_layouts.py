"""Data sets in two layouts: the files as published, and two tables made of them once, without the project."""

from __future__ import annotations

from abc import abstractmethod
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from harness.base.errors import BadInput
from harness.base.frozen import Frozen, Grown
from harness.base.late import pl
from harness.data.readers.clean import clean
from harness.data.readers.fields import Fields, read_field_lines
from harness.data.readers.rows import one_row_each, those_in
from harness.domain.card import Card
from harness.domain.tables import Tables
from harness.plugins import Dataset

TABLES = ("interactions.tsv", "items.tsv")
"""``user, item``, and ``item, title`` and a label, with a line of names, separated by tabs."""
WRONG_LENGTH = "wrong number of fields"


class TwoLayoutsConfig(Grown):
    """How runs on record know the data."""

    later: ClassVar[tuple[str, ...]] = ("card",)

    card: str = Field(
        "",
        pattern="^([0-9a-f]{16})?$",
        description="hash of the card by which a run on record read the two tables, so that its command means the same "
        "here; what is read does not depend on it",
    )


class TwoLayouts(Dataset):
    """Published files, fetched from where they lie, or :data:`TABLES` in a folder that is named by ``--data``.

    Both give the same interactions, titles and labels, so that a corpus has one hash, whichever it was read from. Where
    a folder holds both, the published files are read.
    """

    Config: ClassVar[type[Frozen]] = TwoLayoutsConfig
    config: TwoLayoutsConfig
    card: Card
    """Of one source, whose files are what :meth:`published` reads."""
    label: ClassVar[str]
    """The third field of ``items.tsv``: one label, or several with | between them where :attr:`column` holds lists."""
    column: ClassVar[str]
    """What the label is called in the items' table: ``brand`` (text) or ``genres`` (lists of text)."""

    @property
    def key(self) -> str:
        """Its name: the files are the same whatever the option says."""
        return self.name

    @abstractmethod
    def published(self, folder: Path) -> Tables:
        """Read the published files."""

    def recognises(self, folder: Path) -> bool:
        """Whether ``folder`` holds all files of either layout."""
        return any(_all_in(folder, layout) for layout in self._layouts)

    def files(self, folder: Path) -> list[Path]:
        """Those of the layout that is there; of an incomplete folder, those of the one that it has a file of."""
        layouts = sorted(self._layouts, key=lambda layout: sum((folder / name).is_file() for name in layout))
        chosen = next((layout for layout in self._layouts if _all_in(folder, layout)), layouts[-1])
        return [folder / name for name in chosen]

    def read(self, folder: Path) -> Tables:
        """Items have ``title`` and what :attr:`column` says; nothing is known of users.

        Raises:
            BadInput: where a file is missing or is not what its name says.
        """
        published, tables = self._layouts
        if _all_in(folder, published):
            return self.published(folder)
        if _all_in(folder, tables):
            return self._tables(folder)
        raise BadInput(f"{folder}: neither {', '.join(published)} nor {', '.join(tables)}")

    @property
    def _layouts(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        return self.card.sources[0].members, TABLES

    def _tables(self, folder: Path) -> Tables:
        layout = Fields("\t", quotes=False)
        pairs, bad_pairs = read_field_lines(folder / TABLES[0], layout, ("user", "item"))
        described, bad_items = read_field_lines(folder / TABLES[1], layout, ("item", "title", self.label))
        labels = described[self.label].str.split("|") if self.column == "genres" else described[self.label]
        return tables(
            pairs.select(pl.col("user", "item").str.strip_chars()),
            items(described["item"], described["title"], labels.alias(self.column)),
            {f"interactions: {WRONG_LENGTH}": bad_pairs, f"items: {WRONG_LENGTH}": bad_items},
        )


def items(ids: pl.Series, titles: pl.Series, labels: pl.Series) -> pl.DataFrame:
    """The items' table: cleaned titles, and a label or a list of labels each, null or empty where nothing is said.

    Args:
        labels: text or lists of text, called as the column is to be
    """
    if isinstance(labels.dtype, pl.List):
        said = pl.element().str.strip_chars()
        trimmed = labels.list.eval(said.filter(said != "")).fill_null([])
    else:
        text = labels.str.strip_chars()
        trimmed = text.set(text == "", None)
    return pl.DataFrame([ids.str.strip_chars().alias("item"), clean(titles).alias("title"), trimmed])


def tables(interactions: pl.DataFrame, described: pl.DataFrame, skipped: dict[str, int]) -> Tables:
    """Interactions that have a user and an item, and one row of each item; what is left out is counted."""
    whole = interactions.filter(pl.all_horizontal(pl.col("user", "item").str.len_bytes().fill_null(0) > 0))
    unique, repeated = one_row_each(described, "item")
    nameless = {"interactions: no user or item": interactions.height - whole.height}
    return Tables(whole, unique, those_in(whole, "user"), skipped | nameless | repeated)


def _all_in(folder: Path, names: tuple[str, ...]) -> bool:
    return all((folder / name).is_file() for name in names)

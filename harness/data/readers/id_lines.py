"""Lines of numbers ``user item item …``: all that a user has interacted with, on one line."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from harness.base.late import pl
from harness.data.readers.raw_records import Part
from harness.data.readers.text_blocks import blocks

NO_NUMBERS = "lines that are not a user's and its items' numbers"


def id_lines(path: Path) -> Iterator[Part]:
    """Rows of ``user`` and ``item``; lines with anything but numbers are counted.

    Raises:
        BadInput: where the file is missing or damaged.
    """
    for block in blocks(path):
        lines = pl.Series("line", block.decode("utf-8", errors="replace").split("\n")).str.strip_chars()
        lines = lines.filter(lines.str.len_bytes() > 0)
        sound = lines.str.contains(r"^[0-9]{1,18}( +[0-9]{1,18})*$")
        numbers = lines.filter(sound).str.extract_all(r"\d+").to_frame("numbers")
        rows = numbers.select(
            pl.col("numbers").list.first().alias("user"), pl.col("numbers").list.slice(1).alias("item")
        )
        yield rows.filter(pl.col("item").list.len() > 0).explode("item"), int((~sound).sum())

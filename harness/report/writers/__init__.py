"""A report as files: one page that needs nothing else, Markdown, and every table and figure by itself.

What is written depends on the document alone, not on when or where it is written: a report made again is the same file.
"""

from collections import Counter
from pathlib import Path

from harness.base.errors import BadInput
from harness.base.sealed import together, write_whole
from harness.report.document import Document

HTML_FILE, MARKDOWN_FILE = "report.html", "report.md"
TABLES, FIGURES = "tables", "figures"


def write_document(document: Document, folder: Path) -> list[str]:
    """Write all formats into ``folder``, which is made where it is missing; files of these names are replaced.

    ``report.html`` and ``report.md``; ``tables/NAME`` as ``.csv``, ``.parquet`` and ``.tex``; ``figures/NAME`` as
    ``.png`` and ``.svg``; and the document's own files.

    Returns:
        The names of all files, relative to ``folder``.

    Raises:
        BadInput: where two tables, or two pictures, have one name.
    """
    from harness.report.writers.html import html
    from harness.report.writers.images import png, svg
    from harness.report.writers.latex import latex
    from harness.report.writers.markdown import markdown
    from harness.report.writers.values import write_values

    tables, pictures = document.tables, document.pictures
    _check([table.name for table in tables], "tables")
    _check([picture.name for picture in pictures], "pictures")
    drawn = {picture.name: svg(picture.figure) for picture in pictures}
    texts = {f"{TABLES}/{table.name}.tex": latex(table) for table in tables}
    texts |= {f"{FIGURES}/{name}.svg": drawing for name, drawing in drawn.items()}
    texts |= {**document.files, MARKDOWN_FILE: markdown(document), HTML_FILE: html(document, drawn)}
    values = [f"{TABLES}/{table.name}.{ending}" for table in tables for ending in ("csv", "parquet")]
    images = [f"{FIGURES}/{picture.name}.png" for picture in pictures]
    with together() as new:
        for name, text in texts.items():
            new(folder / name).write_text(text, encoding="utf-8")
        for table in tables:
            write_values(
                table, new(folder / TABLES / f"{table.name}.csv"), new(folder / TABLES / f"{table.name}.parquet")
            )
        for name, picture in zip(images, pictures, strict=True):
            new(folder / name).write_bytes(png(picture.figure))
    return [*texts, *values, *images]


def write_pictures(document: Document, folder: Path) -> None:
    """Write the figures alone, as ``NAME.png``, for a page that links them."""
    from harness.report.writers.images import png

    for picture in document.pictures:
        write_whole(folder / f"{picture.name}.png", png(picture.figure))


def _check(names: list[str], what: str) -> None:
    """Names are those of files: two that differ in their case alone are one on some systems."""
    counts = Counter(name.casefold() for name in names)
    if twice := [name for name in names if counts[name.casefold()] > 1]:
        raise BadInput(f"report: two {what} are called '{twice[0]}': one would overwrite the other")

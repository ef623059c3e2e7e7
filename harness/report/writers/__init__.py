"""A report as files: one page that needs nothing else, Markdown, and every table and figure by itself.

What is written depends on the document alone, not on when or where it is written: a report made again is the same file.
"""

from collections import Counter
from pathlib import Path

from harness.base.errors import BadInput
from harness.report.document import Document

HTML_FILE, MARKDOWN_FILE = "report.html", "report.md"
TABLES, FIGURES = "tables", "figures"


def write_document(document: Document, folder: Path) -> None:
    """Write all formats into ``folder``, which is made where it is missing; files of these names are replaced.

    ``report.html`` and ``report.md``; ``tables/NAME`` as ``.csv``, ``.parquet`` and ``.tex``; ``figures/NAME`` as
    ``.png`` and ``.svg``; and the document's own files.

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
    for kind in (TABLES, FIGURES):
        (folder / kind).mkdir(parents=True, exist_ok=True)
    for table in tables:
        (folder / TABLES / f"{table.name}.tex").write_text(latex(table), encoding="utf-8")
        write_values(table, folder / TABLES)
    drawn = {picture.name: svg(picture.figure) for picture in pictures}
    for picture in pictures:
        (folder / FIGURES / f"{picture.name}.svg").write_text(drawn[picture.name], encoding="utf-8")
        (folder / FIGURES / f"{picture.name}.png").write_bytes(png(picture.figure))
    for name, text in document.files.items():
        (folder / name).write_text(text, encoding="utf-8")
    (folder / MARKDOWN_FILE).write_text(markdown(document), encoding="utf-8")
    (folder / HTML_FILE).write_text(html(document, drawn), encoding="utf-8")


def write_pictures(document: Document, folder: Path) -> None:
    """Write the figures alone, as ``NAME.png``, for a page that links them."""
    from harness.report.writers.images import png

    folder.mkdir(parents=True, exist_ok=True)
    for picture in document.pictures:
        (folder / f"{picture.name}.png").write_bytes(png(picture.figure))


def _check(names: list[str], what: str) -> None:
    """Names are those of files: two that differ in their case alone are one on some systems."""
    counts = Counter(name.casefold() for name in names)
    if twice := [name for name in names if counts[name.casefold()] > 1]:
        raise BadInput(f"report: two {what} are called '{twice[0]}': one would overwrite the other")

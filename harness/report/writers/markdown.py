"""A report in GitHub's Markdown, with links to its figures."""

import re

from harness.base.markdown_text import escaped
from harness.report.document import Block, Document, Picture, Section, Table, Text


def markdown(document: Document, figures: str = "figures", level: int = 1) -> str:
    """The whole report.

    Args:
        figures: the folder that they are linked in, as ``FIGURES/NAME.png``
        level: of the title's heading; sections are one level below
    """
    sections = [_section(section, figures, "#" * (level + 1)) for section in document.sections]
    parts = [f"{'#' * level} {escaped(document.title)}", escaped(document.lead), *sections]
    return "\n\n".join(part for part in parts if part) + "\n"


def _section(section: Section, figures: str, marks: str) -> str:
    return "\n\n".join([f"{marks} {escaped(section.title)}", *(_block(block, figures) for block in section.blocks)])


def _block(block: Block, figures: str) -> str:
    if isinstance(block, Text):
        items = "\n".join(f"- {_at_start(escaped(item))}" for item in block.items)
        return "\n\n".join(part for part in (_at_start(escaped(block.text)), items) if part)
    if isinstance(block, Picture):
        caption = escaped(block.caption)
        return f"![{caption}]({figures}/{block.name}.png)\n\n*{caption}*"
    return _table(block)


def _table(table: Table) -> str:
    rows = [[escaped(text) for text in line] for line in table.lines]
    for line, column in table.strong:
        rows[line][column] = f"**{rows[line][column]}**"
    align = ["---", *["---:" if numeric(table, column) else "---" for column in range(1, len(table.headings))]]
    lines = [[escaped(heading) for heading in table.headings], align, *rows]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    parts = [f"**{escaped(table.caption)}**", text, escaped(table.note)]
    return "\n\n".join(part for part in parts if part)


def numeric(table: Table, column: int) -> bool:
    """Whether a column is one of numbers, which are set flush right: every text in it begins like one."""
    texts = [line[column] for line in table.lines]
    return bool(texts) and all(re.match(r"[<>+−–∞-]?\s?\d|[–∞]|none$", text) for text in texts)


def _at_start(text: str) -> str:
    """What would begin a list there ("1. ", "- ", "+ ") does not."""
    return re.sub(r"^(\d+)([.)])(?=\s)|^([+-])(?=\s)", lambda found: f"{found[1] or ''}\\{found[2] or found[3]}", text)

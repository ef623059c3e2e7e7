"""A report as one HTML page that needs nothing else: no network, no file beside it."""

import re
from collections.abc import Mapping
from html import escape

from harness.base.printable import printable
from harness.report.document import Block, Document, Picture, Section, Table, Text
from harness.report.page_policy import policy
from harness.report.writers.markdown import numeric
from harness.report.writers.page_style import SORTING, STYLE

SHORT = 32
"""Letters of a row's name that are kept on one line."""
UNBROKEN = 24
"""Rows of a table that stays on one page of paper."""


def html(document: Document, drawn: Mapping[str, str]) -> str:
    """The whole report.

    Args:
        drawn: each picture as SVG, by its name
    """
    contents = "".join(
        f'<li><a href="#s{number}">{text_html(section.title)}</a></li>'
        for number, section in enumerate(document.sections, start=1)
    )
    sections = "\n".join(_section(section, number, drawn) for number, section in enumerate(document.sections, start=1))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"{policy(SORTING)}\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text_html(document.title)}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n"
        f'<header>\n<h1>{text_html(document.title)}</h1>\n<p class="lead">{text_html(document.lead)}</p>\n</header>\n'
        f'<nav aria-label="Contents"><ol>{contents}</ol></nav>\n{sections}\n</main>\n'
        f"<script>{SORTING}</script>\n</body>\n</html>\n"
    )


def text_html(text: str) -> str:
    """Text as it is shown: nothing in it is markup."""
    return escape(printable(text), quote=True)


def _section(section: Section, number: int, drawn: Mapping[str, str]) -> str:
    blocks = "\n".join(block_html(block, drawn) for block in section.blocks)
    return f'<section id="s{number}">\n<h2>{text_html(section.title)}</h2>\n{blocks}\n</section>'


def block_html(block: Block, drawn: Mapping[str, str]) -> str:
    """A block by itself, for pages that are made of more than a document."""
    if isinstance(block, Text):
        items = "".join(f"<li>{text_html(item)}</li>" for item in block.items)
        return (f"<p>{text_html(block.text)}</p>" if block.text else "") + (f"<ul>{items}</ul>" if items else "")
    if isinstance(block, Picture):
        return _picture(block, drawn[block.name])
    return _table(block)


def _picture(picture: Picture, image: str) -> str:
    """The drawing itself, sharp at any size; its caption is what screen readers say."""
    return (
        f'<figure id="figure-{text_html(picture.name)}">\n{_embedded(image, picture)}\n'
        f"<figcaption>{text_html(picture.caption)}</figcaption>\n</figure>"
    )


def _embedded(image: str, picture: Picture) -> str:
    """The SVG element without its prologue, under ids of its own: those of several drawings would be taken for one."""
    body = image[image.index("<svg") :].strip()
    prefix = f"{picture.name}-"
    body = re.sub(r'\bid="([^"]+)"', rf'id="{prefix}\1"', body)
    body = re.sub(r"url\(#([^)]+)\)", rf"url(#{prefix}\1)", body)
    body = re.sub(r'href="#([^"]+)"', rf'href="#{prefix}\1"', body)
    return body.replace("<svg", f'<svg role="img" aria-label="{text_html(picture.caption)}"', 1)


def _table(table: Table) -> str:
    right = [column > 0 and numeric(table, column) for column in range(len(table.headings))]
    head = "".join(
        f'<th scope="col"{_aligned(flush)}>{text_html(heading)}</th>'
        for heading, flush in zip(table.headings, right, strict=True)
    )
    body = "\n".join(
        "<tr>" + "".join(_cell(text, (line, column) in table.strong, right[column], column == 0)
                         for column, text in enumerate(texts)) + "</tr>"
        for line, texts in enumerate(table.lines)
    )  # fmt: skip
    note = f'<p class="note">{text_html(table.note)}</p>' if table.note else ""
    kind = "table whole" if len(table.lines) <= UNBROKEN else "table"
    return (
        f'<div class="{kind}" id="table-{text_html(table.name)}">\n<table>\n'
        f"<caption><span>{text_html(table.caption)}</span></caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table>\n{note}</div>"
    )


def _cell(text: str, strong: bool, right: bool, heads_row: bool) -> str:
    inner = f"<strong>{text_html(text)}</strong>" if strong else text_html(text)
    if heads_row:
        short = ' class="k"' if len(text) <= SHORT else ""
        return f'<th scope="row"{short}>{inner}</th>'
    return f"<td{_aligned(right)}>{inner}</td>"


def _aligned(right: bool) -> str:
    return ' class="n"' if right else ""

"""The few kinds of Markdown that a lead is written in, as HTML: paragraphs, lists, code, bold and links to the web."""

import re

from harness.report.writers.html import text_html

_CODE = re.compile(r"`([^`]+)`")
_BOLD = re.compile(r"\*\*([^*]+)\*\*")
_LINK = re.compile(r"\[([^\]]+)\]\(([^)\s]+)\)")
_ITEM = re.compile(r"^[-*] ", re.MULTILINE)


def lead_html(text: str) -> str:
    """Every paragraph; nothing in it is markup but what is named above, and links into folders are text."""
    return "\n".join(_block(block) for block in re.split(r"\n\s*\n", text.strip()) if block.strip())


def _block(block: str) -> str:
    if _ITEM.match(block):
        items = [" ".join(item.split()) for item in _ITEM.split(block) if item.strip()]
        return "<ul>" + "".join(f"<li>{_inline(item)}</li>" for item in items) + "</ul>"
    return f"<p>{_inline(' '.join(block.split()))}</p>"


def _inline(text: str) -> str:
    parts = _CODE.split(text)  # every other one is code, in which nothing else is markup
    return "".join(
        f"<code>{text_html(part)}</code>" if place % 2 else _marked(part) for place, part in enumerate(parts)
    )


def _marked(text: str) -> str:
    return _LINK.sub(_linked, _BOLD.sub(r"<strong>\1</strong>", text_html(text)))


def _linked(found: re.Match[str]) -> str:
    name, address = found[1], found[2]
    return f'<a href="{address}">{name}</a>' if address.startswith(("https://", "http://")) else name

"""The frame of every page of the site: a policy that lets it load nothing, its style, the way back."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from harness.base.version import __version__
from harness.report.page_policy import policy
from harness.report.site.addresses import link
from harness.report.writers.html import text_html
from harness.report.writers.page_style import STYLE

Crumbs = Sequence[tuple[str, str]]
"""The way from the first page: what each is called, and its file."""


def page_html(title: str, body: str, file: str, crumbs: Crumbs = (), *, script: bool = False) -> str:
    """A whole page.

    Args:
        title: as text
        body: as HTML, after the heading
        file: of the page, from which links are relative
        crumbs: the pages above it
        script: whether it has a board to sort and filter
    """
    own = _part("site.js") if script else ""
    way = " › ".join(f'<a href="{link(file, to)}">{text_html(name)}</a>' for name, to in crumbs)
    nav = f'<nav aria-label="Where this is"><p class="crumbs">{way} › {text_html(title)}</p></nav>\n' if crumbs else ""
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"{policy(own) if script else policy()}\n"
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{text_html(title)}</title>\n<style>\n{STYLE}{_part('site.css')}</style>\n</head>\n<body>\n<main>\n"
        f"{nav}<h1>{text_html(title)}</h1>\n{body}\n"
        f"<footer>Made by bifair-harness {text_html(__version__)} from committed records alone. This page loads "
        "nothing and asks nobody for anything.</footer>\n</main>\n"
        + (f"<script>{own}</script>\n" if script else "")
        + "</body>\n</html>\n"
    )


@cache
def _part(name: str) -> str:
    return files("harness.report.site").joinpath(name).read_text(encoding="utf-8")


def table_html(kind: str, caption: str, head: str, rows: Sequence[str]) -> str:
    """A table that scrolls inside of itself where the window is narrow, by keys as well.

    Args:
        kind: its class
        caption: as text
        head, rows: as HTML
    """
    body = "\n".join(rows)
    return (
        f'<div class="table" tabindex="0" role="region" aria-label="{text_html(caption)}">\n<table class="{kind}">\n'
        f"<caption><span>{text_html(caption)}</span></caption>\n"
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody>\n</table></div>"
    )

"""Pages that are made while the site is built: of what is registered, and of files that lie beside ``docs/``.

A page says ``<!-- from the code: NAME -->`` where its part stands; what is registered then is what the site shows. A
page that is a file of the checkout says ``<!-- the file ../NAME -->``.
"""

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import code_tables as tables
import command_pages
import plugin_sections as sections

if TYPE_CHECKING:
    from sphinx.application import Sphinx

DOCS = Path(__file__).resolve().parents[1]
MARK = re.compile(r"^<!-- from the code: (\w+) -->$", re.MULTILINE)
FILE = re.compile(r"^<!-- the file (\.\./[\w.]+) -->$", re.MULTILINE)
TARGET = re.compile(r"(?<=\]\()(?!\w+:|#)(?=[^)]+\))")
"""Where the target of a relative link begins."""
REPORT = re.compile(r"\[([^\]]+)\]\((\.\./results/[^)]+\.md)\)")
"""A link to the whole report of one data set, which is no page of the site: it is offered as a file."""
PAGES = {"../RESULTS.md": "results.md", "../CONTRIBUTING.md": "contributing.md", "../SECURITY.md": "security.md"}
PAGES |= {"../CHANGELOG.md": "changelog.md"}
PARTS: Mapping[str, Callable[[], str]] = {
    "methods": sections.methods,
    "balancers": sections.balancers,
    "rerankers": sections.rerankers,
    "groupings": sections.groupings,
    "metrics": sections.metrics,
    "disparities": sections.disparities,
    "encoders": sections.encoders,
    "datasets": sections.datasets,
    "studies": sections.studies,
    "options": tables.spec_options,
    "signatures": tables.signatures,
    "commands": command_pages.commands,
}


def filled(text: str) -> str:
    """A page with its parts in their places."""
    return FILE.sub(lambda mark: _beside(DOCS / mark[1]), MARK.sub(lambda mark: PARTS[mark[1]](), text))


def _beside(file: Path) -> str:
    """A file of the checkout, its links as of a page in ``docs/``."""
    text = TARGET.sub("../", file.read_text(encoding="utf-8")).replace("](../docs/", "](")
    for name, page in PAGES.items():
        text = text.replace(f"]({name}", f"]({page}")
    return REPORT.sub(r"{download}`\1 <\2>`", text)


def _fill(app: "Sphinx", name: str, source: list[str]) -> None:
    source[0] = filled(source[0])


def setup(app: "Sphinx") -> dict[str, bool]:
    """What Sphinx calls."""
    app.connect("source-read", _fill)
    return {"parallel_read_safe": True}

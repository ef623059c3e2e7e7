"""Names that are too long for a column of a table, cut so that each can still be told from the others."""

from collections import Counter
from collections.abc import Iterable

from rich.cells import cell_len

CUT = "…"


def short_names(names: Iterable[str], width: int) -> dict[str, str]:
    """Each name in at most ``width`` columns of a terminal; two names never become one.

    What is cut keeps its beginning and, where others begin alike, as much of its end as tells it from them.
    """
    every = list(dict.fromkeys(names))
    short = {name: name for name in every if cell_len(name) <= width}
    long = [name for name in every if name not in short]
    for tail in range(width - cell_len(CUT)):
        cut = {name: _cut(name, width, tail) for name in long}
        often = Counter(cut.values())
        short |= {name: text for name, text in cut.items() if often[text] == 1 and text not in short.values()}
        long = [name for name in long if name not in short]
    for name in long:  # others have the same letters at both ends
        short[name] = next(text for number in range(1, len(every) + 1) if (text := _numbered(name, width, number))
                           not in short.values())  # fmt: skip
    return short


def _cut(name: str, width: int, tail: int) -> str:
    end = _tail(name, tail)
    return f"{_head(name, width - cell_len(CUT) - cell_len(end))}{CUT}{end}"


def _numbered(name: str, width: int, number: int) -> str:
    end = f"{CUT}{number}"
    return f"{_head(name, width - cell_len(end))}{end}"


def _head(text: str, width: int) -> str:
    """As much of the beginning as fits."""
    while cell_len(text) > width:
        text = text[:-1]
    return text


def _tail(text: str, width: int) -> str:
    """As much of the end as fits."""
    while cell_len(text) > width:
        text = text[1:]
    return text

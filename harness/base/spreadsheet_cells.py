"""Text in CSV files as spreadsheets read it: a cell that begins with ``=`` is a formula to them, whoever wrote it."""

import re

QUOTE = "'"
"""Before such a text, spreadsheets take it for text."""
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_GUARDED = re.compile(r"'+[=+\-@\t\r]")
_NUMBER = re.compile(r"[+-]\d+(\.\d+)?(e[+-]?\d+)?( ± \d+(\.\d+)?)?( ?%)?", re.IGNORECASE)
"""What may begin with a sign and stays as it is: ``-0.5``, ``+1.2 ± 0.3``, ``-8.9 %``."""


def guarded(text: str) -> str:
    """``text`` for a cell: a quote comes before what a spreadsheet would calculate, and before another such quote."""
    return QUOTE + text if _FORMULA.match(text) and not _NUMBER.fullmatch(text) else text


def unguarded(cell: str) -> str:
    """The text of a cell that :func:`guarded` has written."""
    return cell[1:] if _GUARDED.match(cell) else cell

"""Aligned text for commands that list things; no library needed."""

import shutil
import textwrap
from collections.abc import Sequence


def columns(rows: Sequence[tuple[str, str]]) -> str:
    """Two columns, the second wrapped to the terminal's width."""
    left = max((len(name) for name, _ in rows), default=0)
    width = max(shutil.get_terminal_size((100, 24)).columns, left + 30)
    lines: list[str] = []
    for name, text in rows:
        wrapped = textwrap.wrap(text, width - left - 2, break_long_words=False, break_on_hyphens=False) or [""]
        lines.append(f"{name.ljust(left)}  {wrapped[0]}".rstrip())
        lines += [f"{'':{left}}  {line}" for line in wrapped[1:]]
    return "\n".join(lines)

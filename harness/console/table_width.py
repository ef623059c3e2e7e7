"""How wide a table may be where lines go to a stream."""

import os
from typing import TextIO

PIPED = 80


def table_width(stream: TextIO, piped: int = PIPED) -> int:
    """Columns of the terminal behind ``stream``; ``piped`` where there is none."""
    try:
        return os.get_terminal_size(stream.fileno()).columns or piped
    except (OSError, ValueError, AttributeError):  # a pipe or a file; what is closed; what has no number
        return piped

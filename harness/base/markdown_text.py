"""Text from elsewhere in a page of Markdown, shown as it is written."""

import re

from harness.base.printable import printable

# An underscore within a word is one.
_SPECIAL = re.compile(r"([\\`*{}\[\]<>|#~$]|(?<!\w)_|_(?!\w))")


def escaped(text: str) -> str:
    """``text`` on one line, shown as it is written: nothing in it is markup."""
    return _SPECIAL.sub(r"\\\1", " ".join(printable(text).split()))


def fenced(text: str) -> str:
    """``text`` as a block of code, whatever is in it."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}\n{printable(text)}\n{fence}"

"""Checks of a card's values, each of which says all that is wrong."""

import re
from collections.abc import Callable, Iterable
from typing import Any

from harness.base.errors import BadInput


def refuse(wrong: Iterable[str]) -> None:
    """Raise one ValueError of all that is wrong; nothing of what is empty."""
    if told := "; ".join(filter(None, wrong)):
        raise ValueError(told)


def complaint(check: Callable[..., object], *arguments: Any) -> str:
    """What a check says; empty where it says nothing."""
    try:
        check(*arguments)
    except BadInput as error:
        return str(error)
    return ""


def group_names(pattern: str) -> list[str]:
    """The named groups of a regular expression, ``(?<name>…)`` or ``(?P<name>…)``, in order.

    Raises:
        ValueError: where it is none, or names no group.
    """
    try:
        names = list(re.compile(re.sub(r"\(\?<(?=\w)", "(?P<", pattern)).groupindex)
    except re.error as error:
        raise ValueError(f"'{pattern}' is no regular expression: {error}") from None
    if not names:
        raise ValueError(f"'{pattern}' names no group: write (?<title>…) around what becomes a field")
    return names

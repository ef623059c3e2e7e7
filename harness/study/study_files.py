"""What a study is called."""

from pathlib import Path

from harness.base.errors import SHORT, BadInput
from harness.base.paths import CARD_ENDING
from harness.plugins.registry import registry

LONGEST_NAME = 100
"""Bytes; files and runs are named by it and more, and a file's name has 255."""


def study_name(name: str) -> str:
    """A study's name as its owner spells it, also where it is given as the path of its file.

    Raises:
        BadInput: where files cannot be named by it.
    """
    if name.endswith(CARD_ENDING):
        name = Path(name).stem
    elif registry.knows("study", name):
        return registry.check("study", name)
    if len(name.encode(errors="replace")) > LONGEST_NAME:
        raise BadInput(f"study '{name[:SHORT]}…': a study's name has at most {LONGEST_NAME} letters: rename its file")
    if not name.isprintable() or "/" in name:
        raise BadInput(f"study {name!r}: a study is named by letters, digits, blanks, - and _, in one line")
    return name

"""Where the files of a card lie, and the hash that tells one card from another."""

import hashlib
import json
import os
import re
from pathlib import Path

from harness.base import paths
from harness.base.errors import BadInput
from harness.data.table.card_file import TableCard

_VARIABLE = re.compile(r"\$\{(\w+)\}")


def folder_of(card: TableCard, path: Path) -> Path:
    """Where the files lie: variables (the home folder's is always set) filled in, relative to the card's own file.

    Raises:
        BadInput: for an environment variable that is not set.
    """
    known = {**os.environ, paths.HOME_VARIABLE: str(paths.home())}
    for name in _VARIABLE.findall(card.folder):
        if not known.get(name):
            raise BadInput(f"{path}: folder: the environment variable {name} is not set: set it or use --data FOLDER")
    filled = _VARIABLE.sub(lambda match: known[match[1]], card.folder)
    return path.resolve().parent / paths.expanded(Path(filled), str(path))


def anchored(card: TableCard, path: Path) -> str:
    """The folder as a copy of the card elsewhere must write it: absolute, with variables as they are."""
    if _VARIABLE.match(card.folder):
        return card.folder
    return str(path.resolve().parent / paths.expanded(Path(card.folder), str(path)))


def digest(card: TableCard, path: Path) -> str:
    """A hash of what the card says and of where its files lie, whatever its layout and comments."""
    tree = card.model_dump(mode="json", by_alias=True) | {"folder": anchored(card, path)}
    return hashlib.blake2b(json.dumps(tree, sort_keys=True).encode(), digest_size=8).hexdigest()

"""Records as strangers may read them: no path of the machine that ran them, and nobody's account."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Any

from harness.base.paths import CARD_ENDING
from harness.report.grid.run_provenance import CODE, HASHES, MACHINE, VERSION

SHOWN = {"hash.embedding": "embeddings"} | HASHES | MACHINE | CODE
"""The tags that are shown, by what people call them; of others, versions alone."""
_PATH = re.compile(
    r"(?<![\w.:/~-])(?:~?/|[A-Za-z]:[\\/]|\\\\|\.\.?[\\/])(?:[^\s/\\'\"`:;,()<>|]+[\\/])*(?P<name>[^\s/\\'\"`:;,()<>|]*)"
)
"""A path that begins at a root, a home or a drive, or goes up; a name such as ``owner/model`` is none."""


def public_text(text: str) -> str:
    """``text`` with the last part alone of every path in it."""
    return _PATH.sub(lambda found: found["name"] or "…", text)


def public_tree(value: Any) -> Any:
    """A spec, or a part of one, in which paths are their last part alone."""
    if isinstance(value, Mapping):
        return {key: public_tree(each) for key, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [public_tree(each) for each in value]
    return _last_part(value) if isinstance(value, str) else value


def _last_part(text: str) -> str:
    """Of a path, and of a data set's card whatever folder it is in."""
    rooted = PurePosixPath(text).is_absolute() or PureWindowsPath(text).is_absolute()
    goes = text.startswith(("~", "./", "../", "..\\", ".\\"))
    if rooted or goes or text.endswith(CARD_ENDING):
        return re.split(r"[\\/]", text.rstrip("\\/"))[-1] or "…"
    return text


def public_tags(tags: Mapping[str, str]) -> dict[str, str]:
    """What a run ran on, by what people call it: hashes, machine, versions, code."""
    named = {tag: f"hash of the {name}" if tag.startswith("hash.") else name for tag, name in SHOWN.items()}
    named |= {tag: f"version of {tag.removeprefix(VERSION)}" for tag in sorted(tags) if tag.startswith(VERSION)}
    return {name: public_text(tags[tag]) for tag, name in named.items() if tag in tags}

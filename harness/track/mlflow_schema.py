"""The versions of MLflow's tables, by the files of its migrations: known without importing it."""

import re
from functools import cache
from importlib.util import find_spec
from pathlib import Path

_REVISION = re.compile(r"""^(revision|down_revision)(?:\s*:[^=]+)?\s*=\s*["'](\w+)["']""", re.MULTILINE)


@cache
def newest_schema() -> str | None:
    """The version that the installed MLflow gives a database; None where its files do not say which one is newest."""
    found = find_spec("mlflow")
    folders = [] if found is None else [Path(place) for place in found.submodule_search_locations or ()]
    said: dict[str, set[str]] = {"revision": set(), "down_revision": set()}
    for folder in folders:
        for file in (folder / "store" / "db_migrations" / "versions").glob("*.py"):
            for name, version in _REVISION.findall(file.read_text(encoding="utf-8")):
                said[name].add(version)
    newest = said["revision"] - said["down_revision"]
    return newest.pop() if len(newest) == 1 else None

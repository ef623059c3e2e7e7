"""Plug-ins that a TOML file declares: a data set by its card, and every study."""

import importlib
import importlib.metadata
import importlib.util
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from harness.base.errors import BadInput, one_line
from harness.base.paths import CARD_ENDING
from harness.plugins.entry import Entry
from harness.plugins.entry_points import entry_points
from harness.plugins.kinds import Kind, named


def declared(kind: Kind, path: Path, name: str) -> Entry:
    """The plug-in that the file ``path`` declares."""
    return Entry(name, str(path), lambda: named(kind.declared)(path))


def own_files(kind: Kind) -> Iterator[Entry]:
    """The entries of the user's own folder, where the kind has one."""
    if kind.home:
        yield from _in_folder(kind, named(kind.home)())


def built_in_files(kind: Kind) -> Iterator[Entry]:
    """The entries of the project's own folder, for kinds without code."""
    for folder in importlib.import_module(kind.package).__path__:
        yield from _in_folder(kind, Path(folder))


def installed_files(kind: Kind) -> Iterator[Entry]:
    """The entries of installed packages: ``NAME = "package"`` stands for ``NAME.toml`` in the package's folder."""
    for point in entry_points(kind.group):
        yield Entry(point.name, f"entry point {point.value}", partial(_from_package, kind, point))


def _in_folder(kind: Kind, folder: Path) -> Iterator[Entry]:
    for path in sorted(folder.glob(f"*{CARD_ENDING}")):
        yield declared(kind, path, path.stem)


def _from_package(kind: Kind, point: importlib.metadata.EntryPoint) -> Any:
    """What the file of an entry point declares; of its packages only the outer ones are imported."""
    where = f"{kind.name} '{point.name}' (entry point {point.value})"
    try:
        spec = importlib.util.find_spec(point.value)
    except (Exception, SystemExit) as error:
        raise BadInput(f"{where} cannot be found: {one_line(error)}") from error
    if spec is None:
        raise BadInput(f"{where}: there is no package {point.value}")
    for folder in spec.submodule_search_locations or []:
        if (file := Path(folder) / f"{point.name}{CARD_ENDING}").is_file():
            return declared(kind, file, point.name).load()
    raise BadInput(f"{where}: the package has no file {point.name}{CARD_ENDING}")

"""Where studies are: in the project's folder, in installed packages, or wherever a path says."""

import importlib.metadata
import importlib.util
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from harness.base.errors import BadInput, unknown

ENDING = ".toml"
GROUP = "harness.studies"
"""Entry points ``NAME = "package"`` of this group stand for the file ``NAME.toml`` in the folder of ``package``."""


def study_names() -> list[str]:
    """The names of the studies that ship and of those of installed packages, sorted."""
    return sorted(_places())


def study_name(name: str) -> str:
    """What a study is called, also where it is given as the path of its file."""
    return Path(name).stem if name.endswith(ENDING) else name


def study_file(name: str) -> Path:
    """The file of the study called ``name``, or at the path ``name`` where that ends in ``.toml``.

    Raises:
        BadInput: for an unknown name (with the nearest), one that two studies have, or a file that is not there.
    """
    if name.endswith(ENDING):
        path = Path(name).expanduser()
        if not path.is_file():
            raise BadInput(f"study {path}: no such file")
        return path
    places = _places()
    if name not in places:
        raise unknown("study", name, places)
    found = places[name]
    if len(found) > 1:
        raise BadInput(f"two studies are called '{name}': {' and '.join(origin for origin, _ in found)}; rename one")
    return found[0][1]()


def _places() -> dict[str, list[tuple[str, Callable[[], Path]]]]:
    """By name, where each study comes from and how its file is found; no installed package is imported."""
    places: dict[str, list[tuple[str, Callable[[], Path]]]] = {}
    for folder in import_module("harness.studies").__path__:
        for file in Path(folder).glob(f"*{ENDING}"):
            places.setdefault(file.stem, []).append((str(file), lambda file=file: file))  # type: ignore[misc]
    for point in importlib.metadata.entry_points(group=GROUP):
        origin = f"entry point {point.value}"
        places.setdefault(point.name, []).append((origin, lambda point=point: _in_package(point)))  # type: ignore[misc]
    return places


def _in_package(point: importlib.metadata.EntryPoint) -> Path:
    """The file of an entry point; of its packages only the outer ones are imported."""
    where = f"study '{point.name}' (entry point {point.value})"
    try:
        spec = importlib.util.find_spec(point.value)
    except (Exception, SystemExit) as error:
        raise BadInput(f"{where} cannot be found: {type(error).__name__}: {error}") from error
    if spec is None:
        raise BadInput(f"{where}: there is no package {point.value}")
    folders = [Path(folder) for folder in spec.submodule_search_locations or []]
    for folder in folders:
        if (file := folder / f"{point.name}{ENDING}").is_file():
            return file
    raise BadInput(f"{where}: the package has no file {point.name}{ENDING}")

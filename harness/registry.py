"""Names to plug-ins: the project's own folders, entry points of installed packages, and ``--plugin FILE.py``.

A plug-in is one file and the file's name is its name, so names are known without importing anything; a plug-in is
imported when it is first asked for. A broken one breaks only its own use. Two with one name are an error.
"""

import importlib
import importlib.metadata
import importlib.util
import inspect
import pkgutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from harness import paths
from harness.errors import BadInput, HarnessError, unknown


@dataclass(frozen=True)
class Kind:
    """A kind of plug-in: the package whose modules are built in, and the class they subclass."""

    name: str
    package: str
    base: str
    separator: str = "_"
    cards: str = ""
    """What makes a plug-in from a TOML file, where plug-ins of this kind can be declared by one alone."""

    @property
    def plural(self) -> str:
        return f"{self.name}s" if not self.name.endswith("y") else f"{self.name[:-1]}ies"

    def base_class(self) -> type:
        """The class that plug-ins of this kind subclass."""
        found: type = _named(self.base)
        return found

    def spelt(self, stem: str) -> str:
        """A file's stem as a plug-in's name."""
        return stem.replace("_", self.separator)


def _named(place: str) -> Any:
    """What ``module:name`` names."""
    module, _, name = place.partition(":")
    return getattr(importlib.import_module(module), name)


KINDS = {
    kind.name: kind
    for kind in (
        Kind("method", "harness.methods", "harness.protocols:Method"),
        Kind("dataset", "harness.datasets", "harness.protocols:Dataset", "-", "harness.data.table.dataset:from_card"),
        Kind("grouping", "harness.groupings", "harness.protocols:Grouping"),
        Kind("encoder", "harness.encoders", "harness.protocols:Encoder", "-"),
        Kind("balancer", "harness.balance.balancers", "harness.protocols:Balancer"),
        Kind("reranker", "harness.rerankers", "harness.protocols:Reranker"),
        Kind("metric", "harness.metrics.rankings", "harness.protocols:Metric"),
        Kind("disparity", "harness.metrics.disparities", "harness.protocols:Disparity"),
    )
}


@dataclass(frozen=True)
class Entry:
    """A plug-in that may not have been imported yet."""

    name: str
    origin: str
    load: Callable[[], type]


class Registry:
    """All plug-ins of all kinds, discovered once per process."""

    def __init__(self) -> None:
        self._entries: dict[str, dict[str, Entry]] = {}
        self._files: dict[Path, list[str]] = {}

    def names(self, kind: str) -> list[str]:
        """The names of one kind, sorted; nothing is imported."""
        return sorted(entry.name for entry in self._of(kind).values())

    def entries(self, kind: str) -> list[Entry]:
        """The entries of one kind, sorted by name."""
        return sorted(self._of(kind).values(), key=lambda entry: entry.name)

    def get(self, kind: str, name: str) -> Any:
        """The plug-in class called ``name`` (case, - and _ do not matter).

        Raises:
            BadInput: where there is none (with the nearest name) or where it cannot be imported.
        """
        return self._entry(kind, name).load()

    def check(self, kind: str, name: str) -> str:
        """The name as its owner spells it, without importing anything.

        Raises:
            BadInput: where there is none, with the nearest name.
        """
        return self._entry(kind, name).name

    def _entry(self, kind: str, name: str) -> Entry:
        entries = self._of(kind)
        if KINDS[kind].cards and name.endswith(paths.CARD_ENDING):
            path = Path(name).expanduser().resolve()
            return _card(KINDS[kind], path, str(path))
        entry = entries.get(_key(name))
        if entry is None:
            raise unknown(kind, name, (entry.name for entry in entries.values()))
        return entry

    def add_file(self, path: Path) -> list[str]:
        """Register every plug-in class that a Python file defines; returns "kind name" of each."""
        path = path.expanduser().resolve()
        if path in self._files:
            return self._files[path]
        if not path.is_file():
            raise BadInput(f"--plugin {path}: no such file")
        module = _import_file(path)
        found = [(kind, plugin) for kind in KINDS.values() for plugin in _plugins_in(module, kind.base_class())]
        if not found:
            classes = ", ".join(kind.base.split(":")[1] for kind in KINDS.values())
            raise BadInput(f"--plugin {path}: defines no subclass of {classes}")
        changed = {kind.name: dict(self._lasting(kind.name)) for kind, _ in found}
        for kind, plugin in found:
            _add(changed[kind.name], kind, Entry(plugin.name, str(path), lambda plugin=plugin: plugin))  # type: ignore[misc]
        self._entries |= changed  # all of the file's plug-ins, or none
        self._files[path] = [f"{kind.name} {plugin.name}" for kind, plugin in found]
        return self._files[path]

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that were added, for processes that need the same plug-ins."""
        return tuple(self._files)

    def _of(self, kind: str) -> dict[str, Entry]:
        """All entries of a kind by their folded names."""
        lasting = self._lasting(kind)
        return lasting | self._cards(KINDS[kind])

    def _lasting(self, kind: str) -> dict[str, Entry]:
        """Those that stay for as long as the process lives: all but cards."""
        if kind not in KINDS:
            raise unknown("kind of plug-in", kind, KINDS)
        if kind not in self._entries:
            self._entries[kind] = _discover(KINDS[kind])
        return self._entries[kind]

    def _cards(self, kind: Kind) -> dict[str, Entry]:
        """The cards in the home folder, looked for each time: the user may choose another home, or add one."""
        found: dict[str, Entry] = {}
        if kind.cards:
            for path in sorted(paths.cards_folder().glob(f"*{paths.CARD_ENDING}")):
                entry = _card(kind, path, path.stem)
                _refuse_twin(self._entries[kind.name], kind, entry)
                _add(found, kind, entry)
        return found


def _discover(kind: Kind) -> dict[str, Entry]:
    """The entries of the project's own folder and of installed packages."""
    entries: dict[str, Entry] = {}
    package = importlib.import_module(kind.package)
    for module in pkgutil.iter_modules(package.__path__):
        if not module.name.startswith("_"):
            full = f"{kind.package}.{module.name}"
            _add(entries, kind, Entry(kind.spelt(module.name), full, _module_loader(kind, full)))
    for point in importlib.metadata.entry_points(group=f"harness.{kind.plural}"):
        _add(entries, kind, Entry(point.name, f"entry point {point.value}", _point_loader(kind, point)))
    return entries


def _card(kind: Kind, path: Path, name: str) -> Entry:
    """The plug-in that a TOML file declares."""

    def load() -> type:
        made: type = _named(kind.cards)(path)
        return made

    return Entry(name, str(path), load)


def _add(entries: dict[str, Entry], kind: Kind, entry: Entry) -> None:
    _refuse_twin(entries, kind, entry)
    entries[_key(entry.name)] = entry


def _refuse_twin(entries: dict[str, Entry], kind: Kind, entry: Entry) -> None:
    other = entries.get(_key(entry.name))
    if other is not None:
        both = f"{other.origin} and {entry.origin}"
        raise BadInput(f"two {kind.plural} are called '{entry.name}': {both}; rename one")


def _key(name: str) -> str:
    return name.casefold().replace("_", "-")


def _plugins_in(module: ModuleType, base: type) -> list[Any]:
    """The concrete subclasses of ``base`` that ``module`` itself defines and names."""
    return [
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, base)
        and value.__module__.startswith(module.__name__)
        and not inspect.isabstract(value)
        and "name" in vars(value)
    ]


def _module_loader(kind: Kind, module: str) -> Callable[[], type]:
    def load() -> type:
        with _broken(kind, f"'{module}'"):
            imported = importlib.import_module(module)
        found = _plugins_in(imported, kind.base_class())
        if len(found) != 1:
            raise BadInput(f"{module}: one file defines one {kind.name}, this one defines {len(found)}")
        return found[0]

    return load


def _point_loader(kind: Kind, point: importlib.metadata.EntryPoint) -> Callable[[], type]:
    def load() -> type:
        with _broken(kind, f"'{point.name}' ({point.value})"):
            return point.load()

    return load


@contextmanager
def _broken(kind: Kind, name: str) -> Iterator[None]:
    """Whatever a plug-in's file raises, its name belongs to the message."""
    try:
        yield
    except HarnessError:
        raise
    except Exception as error:
        raise BadInput(f"{kind.name} {name} cannot be loaded: {type(error).__name__}: {error}") from error


def _import_file(path: Path) -> ModuleType:
    name = f"harness_plugin_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise BadInput(f"--plugin {path}: not a Python file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        raise BadInput(f"--plugin {path}: {type(error).__name__}: {error}") from error
    return module


registry = Registry()

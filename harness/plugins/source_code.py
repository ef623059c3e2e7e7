"""The source files that plug-ins from elsewhere were loaded from: hashes of what this process runs.

A file may be changed while a process goes on: it then still runs what it has loaded, and that is what counts.
"""

import hashlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import ModuleType
from weakref import WeakKeyDictionary

from harness.base.layout import SOURCE_ENDINGS
from harness.plugins.protocols.plugin import Plugin

FILE_PREFIX = "harness_plugin_"
"""Modules of ``--plugin`` files are called this and the file's stem."""

Sources = Mapping[Path, tuple[str, str]]
"""By file: its name, which is the same wherever the file lies, and its SHA-256."""

_loaded: WeakKeyDictionary[ModuleType, Sources] = WeakKeyDictionary()


def note_file(module: ModuleType, path: Path, content: bytes) -> None:
    """Keep what the module of a ``--plugin`` file was made of."""
    _loaded[module] = {path: (f"{FILE_PREFIX}{path.stem}", hashlib.sha256(content).hexdigest())}


def foreign_sources(plugin: type[Plugin]) -> Sources:
    """Of what a plug-in from elsewhere was loaded: all source files of its package, or its one file.

    Those of the plug-ins that it subclasses are among them, those of this project are not. Of a package they are what
    they were when this was first asked for.
    """
    tops = {base.__module__.partition(".")[0] for base in plugin.__mro__ if issubclass(base, Plugin)} - {"harness"}
    modules = [sys.modules[top] for top in tops if top in sys.modules]
    return {path: source for module in modules for path, source in _as_loaded(module).items()}


def _as_loaded(module: ModuleType) -> Sources:
    if module not in _loaded:
        _loaded[module] = {path: (name, _hash(path)) for name, path in _files(module)}
    return _loaded[module]


def changed_since(sources: Sources) -> list[Path]:
    """The files that are no longer what was loaded."""
    return [path for path, (_, loaded) in sources.items() if not path.is_file() or _hash(path) != loaded]


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _files(module: ModuleType) -> Iterator[tuple[str, Path]]:
    """The source files of a package by their place in it, or the module's own."""
    if not (folders := getattr(module, "__path__", None)):
        if file := getattr(module, "__file__", None):
            yield module.__name__, Path(file)
        return
    for folder in map(Path, folders):
        for path in folder.rglob("*"):
            if path.suffix in SOURCE_ENDINGS and path.is_file():
                yield f"{module.__name__}/{path.relative_to(folder).as_posix()}", path

"""Plug-ins that are classes (modules, entry points, files): imported when first used, checked against their kind."""

import importlib
import importlib.metadata
import importlib.util
import inspect
import pkgutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache, partial
from hashlib import blake2b
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType
from typing import Any

from harness.base.errors import BadInput, HarnessError, folded, one_line
from harness.plugins.declarations import check_declarations
from harness.plugins.entry import Entry
from harness.plugins.entry_points import entry_points
from harness.plugins.kinds import KINDS, Kind, named
from harness.plugins.source_code import FILE_PREFIX, note_file


def built_in(kind: Kind) -> Iterator[Entry]:
    """The entries of the project's own folder; nothing is imported but the package."""
    for module in pkgutil.iter_modules(importlib.import_module(kind.package).__path__):
        if not module.name.startswith("_"):
            full = f"{kind.package}.{module.name}"
            yield Entry(kind.spelt(module.name), full, cache(partial(_from_module, kind, full)))  # checked once


def installed(kind: Kind) -> Iterator[Entry]:
    """The entries of installed packages."""
    for point in entry_points(kind.group):
        yield Entry(point.name, f"entry point {point.value}", cache(partial(_from_point, kind, point)))


def member(kind: Kind, name: str) -> Entry | None:
    """The plug-in of a family that ``name`` stands for, such as ``min10``; None where there is none."""
    made: type | None = named(kind.family)(name) if kind.family else None
    return None if made is None else Entry(made.name, kind.family, lambda: made)  # type: ignore[attr-defined]


def in_file(path: Path) -> list[tuple[Kind, Entry]]:
    """Every plug-in class that a Python file defines.

    Raises:
        BadInput: where the file cannot be imported, defines none, or an unfinished one.
    """
    module = _import_file(path)
    found = []
    kinds = [kind for kind in KINDS.values() if kind.is_code]
    for kind in kinds:
        for plugin in _plugins_in(module, kind.base_class()):
            _check(kind, plugin, plugin.__name__, str(path))
            found.append((kind, Entry(plugin.name, str(path), lambda plugin=plugin: plugin)))  # type: ignore[misc]
    if not found:
        classes = ", ".join(kind.base.split(":")[1] for kind in kinds)
        raise BadInput(f"plug-in file {path}: defines no subclass of {classes} that has a name")
    return found


def _plugins_in(module: ModuleType, base: type) -> list[Any]:
    """The subclasses of ``base`` that ``module`` itself defines and names."""
    return [
        value
        for value in vars(module).values()
        if inspect.isclass(value)
        and issubclass(value, base)
        and value.__module__.startswith(module.__name__)
        and "name" in vars(value)
    ]


def _from_module(kind: Kind, module: str) -> type:
    with _broken(kind, f"'{module}'"):
        imported = importlib.import_module(module)
    found = _plugins_in(imported, kind.base_class())
    if len(found) != 1:
        raise BadInput(f"{module}: one file defines one {kind.name}, this one defines {len(found)}")
    return _checked(kind, found[0], kind.spelt(module.rpartition(".")[2]), module)


def _from_point(kind: Kind, point: importlib.metadata.EntryPoint) -> type:
    with _broken(kind, f"'{point.name}' ({point.value})"):
        loaded = point.load()
    return _checked(kind, loaded, point.name, f"entry point {point.value}")


def _checked(kind: Kind, plugin: Any, name: str, origin: str) -> type:
    """``plugin``, where it is one of ``kind`` and calls itself ``name``."""
    _check(kind, plugin, name, origin)
    if folded(plugin.name) != folded(name):
        raise BadInput(f"{kind.name} '{name}' ({origin}) calls itself '{plugin.name}': give it one name")
    return plugin


def _check(kind: Kind, plugin: Any, name: str, origin: str) -> None:
    """Raise BadInput where ``plugin`` is no class of its kind, or an unfinished one."""
    base = kind.base_class()
    if not (inspect.isclass(plugin) and issubclass(plugin, base)):
        raise BadInput(f"{kind.name} '{name}' ({origin}) is no subclass of {kind.base.replace(':', '.')}")
    declared = {attribute for cls in base.__mro__ for attribute in inspect.get_annotations(cls)}
    lacking = {attribute for attribute in declared if not hasattr(plugin, attribute)}
    lacking |= getattr(plugin, "__abstractmethods__", frozenset())
    if lacking:
        raise BadInput(f"{kind.name} '{name}' ({origin}) is unfinished, it lacks: {', '.join(sorted(lacking))}")
    check_declarations(plugin, base, f"{kind.name} '{name}' ({origin})")
    try:
        inspect.signature(plugin).bind(*inspect.signature(base).parameters)
    except (TypeError, ValueError):
        given = ", ".join(inspect.signature(base).parameters)
        raise BadInput(f"{kind.name} '{name}' ({origin}): its __init__ must take {given or 'nothing'}") from None


@contextmanager
def _broken(kind: Kind, name: str) -> Iterator[None]:
    """Whatever a plug-in's file raises, its name belongs to the message."""
    try:
        yield
    except HarnessError:
        raise
    except (Exception, SystemExit) as error:
        raise BadInput(f"{kind.name} {name} cannot be loaded: {one_line(error)}") from error


def _import_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise BadInput(f"plug-in file {path}: no such file")
    if path.suffix != ".py":
        raise BadInput(f"plug-in file {path}: not a Python file")
    name = _module_name(path)
    loader = _AsItIs(name, str(path))
    spec = importlib.util.spec_from_file_location(name, path, loader=loader)
    assert spec is not None
    module, before = importlib.util.module_from_spec(spec), sys.modules.get(name)
    sys.modules[name] = module
    try:
        loader.exec_module(module)
    except (Exception, SystemExit) as error:
        del sys.modules[name]
        if before is not None:
            sys.modules[name] = before
        raise BadInput(f"plug-in file {path}: {one_line(error)}") from error
    note_file(module, path, loader.content)
    return module


class _AsItIs(SourceFileLoader):
    """Runs what is in a file now: a compiled copy may be of an older content of the same size and time."""

    content = b""

    def get_code(self, fullname: str) -> CodeType:
        self.content = self.get_data(self.path)
        code: CodeType = self.source_to_code(self.content, self.path)
        return code


def _module_name(path: Path) -> str:
    """What the file's module is called: two files of one name are two modules."""
    name = f"{FILE_PREFIX}{path.stem}"
    other = sys.modules.get(name)
    return name if other is None or other.__file__ == str(path) else f"{name}_{blake2b(bytes(path)).hexdigest()[:16]}"

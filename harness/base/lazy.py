"""Packages whose names are imported when they are first asked for."""

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any


def attribute(package: str, modules: Mapping[str, Sequence[str]], name: str) -> Any:
    """What ``package`` calls ``name``, from the module that defines it; for the package's ``__getattr__``.

    Args:
        modules: the names that each module defines

    Raises:
        AttributeError: where no module does.
    """
    for module, names in modules.items():
        if name in names:
            return getattr(import_module(module), name)
    raise AttributeError(f"module '{package}' has no attribute '{name}'")

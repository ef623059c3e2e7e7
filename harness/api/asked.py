"""Arguments of Python calls, checked before anything begins: one line instead of a traceback out of the engine."""

import os
from collections.abc import Iterable
from os import PathLike
from pathlib import Path
from typing import Any, TypeVar

from harness.base.errors import BadInput, as_given
from harness.spec.run_spec import RunSpec

T = TypeVar("T")


def text_of(value: Any, what: str) -> str:
    """``value``, which is text.

    Raises:
        BadInput: where it is not.
    """
    if not isinstance(value, str):
        raise BadInput(f"{what}: text is needed, not {as_given(value)}")
    return value


def path_of(value: Any, what: str) -> Path:
    """``value``, text or a path, as a path.

    Raises:
        BadInput: where it is neither, or blank.
    """
    text = os.fspath(value) if isinstance(value, (str, PathLike)) else value
    if not isinstance(text, str) or "\0" in text or not text.strip():
        raise BadInput(f"{what}: a path is needed, not {as_given(value)}")
    return Path(text)


def definition_of(value: Any) -> str:
    """What ``fairness=`` names: a registered grouping, or the path of a Python file.

    Raises:
        BadInput: for anything else, such as the class of a definition.
    """
    if isinstance(value, type):
        raise BadInput(f"fairness: a name or a file is needed, not {as_given(value)}: write it into a file of its own")
    return value if isinstance(value, str) else str(path_of(value, "fairness"))


def spec_of(value: Any, call: str) -> RunSpec:
    """``value``, which is a spec.

    Raises:
        BadInput: where it is not.
    """
    if not isinstance(value, RunSpec):
        raise BadInput(f"{call}: a RunSpec is needed, not {type(value).__name__}: build_spec makes one of a dictionary")
    return value


def several(values: Iterable[T], what: str) -> list[T]:
    """``values``, of which there may be any number; a text is one thing, not its letters.

    Raises:
        BadInput: where they are no list.
    """
    if isinstance(values, (str, bytes, PathLike)) or not isinstance(values, Iterable):
        raise BadInput(f"{what}: a list is needed, not {as_given(values)}")
    return list(values)

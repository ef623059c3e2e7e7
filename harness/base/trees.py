"""Nested dictionaries: read from files, parsed from flags, merged, nested, flattened, hashed."""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from harness.base.errors import SHORT, BadInput

DEEPEST = 32
"""Levels that a tree may have: no options need more, and what walks through a tree goes down with it."""
_NUMBER = re.compile(r"[+-]?(\d+\.\d*|\.\d+)([eE][+-]?\d+)?")
"""A number as people type it where JSON sees none: ``.5``, ``1.``."""


def read_tree(file: Path, what: str = "") -> dict[str, Any]:
    """The tree in a TOML file, or by its ending in a JSON file.

    Args:
        what: it is, for messages

    Raises:
        BadInput: where the file cannot be read, or holds no table.
    """
    where = f"{what} {file}".strip()
    try:
        text = file.read_text(encoding="utf-8")
        tree = json.loads(text) if file.suffix == ".json" else tomllib.loads(text)
    except OSError as error:
        raise BadInput(f"{where}: {error.strerror or error}") from None
    except RecursionError:
        raise _too_deep(where) from None
    except ValueError as error:  # of TOML, of JSON or of UTF-8
        raise BadInput(f"{where}: not a {file.suffix.removeprefix('.').upper() or 'TOML'} file: {error}") from None
    if not isinstance(tree, dict):
        raise BadInput(f"{where}: a table of options is needed at the top level")
    return _shallow(tree, where)


def parse_assignments(assignments: Iterable[str]) -> dict[str, Any]:
    """``["config.eta=1e-3", "data.core=10"]`` as a tree; values are JSON where they parse, else text."""
    tree: dict[str, Any] = {}
    for assignment in assignments:
        key, equals, text = assignment.partition("=")
        path = key.strip().split(".")
        if not equals or not all(path):
            raise BadInput(f"--set {assignment}: write it as key=value, for example --set config.eta=0.001")
        where = f"--set {assignment[:SHORT]}"
        tree = merged(tree, _nested(path[: DEEPEST + 1], _shallow(_value(text, where), where)))
        _shallow(tree, where)
    return tree


def _value(text: str, where: str) -> Any:
    try:
        return json.loads(text)
    except RecursionError:
        raise _too_deep(where) from None
    except ValueError:
        return float(text) if len(text) <= SHORT and _NUMBER.fullmatch(text) else text


def _shallow(tree: Any, where: str) -> Any:
    """``tree``, where it does not go down further than :data:`DEEPEST` levels."""
    level = [tree]
    for _ in range(DEEPEST):
        level = [below for part in level for below in _parts(part)]
        if not level:
            return tree
    raise _too_deep(where)


def _parts(tree: Any) -> Iterable[Any]:
    if isinstance(tree, Mapping):
        return tree.values()
    return tree if isinstance(tree, list) else ()


def _too_deep(where: str) -> BadInput:
    return BadInput(f"{where}: nested deeper than {DEEPEST} levels")


def as_assigned(value: Any) -> str:
    """A value as ``--set`` would take it: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Two trees as one; where both have a value, ``above`` wins."""
    result = dict(below)
    for key, value in above.items():
        old = result.get(key)
        result[key] = merged(old, value) if isinstance(old, Mapping) and isinstance(value, Mapping) else value
    return result


def _nested(path: list[str], value: Any) -> dict[str, Any]:
    for key in reversed(path):
        value = {key: value}
    return value


def digest_of(value: Any) -> str:
    """A short hash of anything JSON can write, independent of key order."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested mappings as one mapping with dotted keys."""
    flat: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            flat |= flatten(value, f"{prefix}{key}.")
        else:
            flat[f"{prefix}{key}"] = value
    return flat


def nested(dotted: Mapping[str, Any]) -> dict[str, Any]:
    """``{"config.eta": 1}`` as ``{"config": {"eta": 1}}``.

    Raises:
        BadInput: where a key is given twice: as a value and as a table, or with and without dots.
    """
    tree: dict[str, Any] = {}
    for key, value in dotted.items():
        tree = _joined(tree, _nested(key.split("."), value))
    return tree


def _joined(one: Mapping[str, Any], other: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Two trees as one, neither of which may have a value of the other's."""
    result = dict(one)
    for key, value in other.items():
        if key not in result:
            result[key] = value
        elif isinstance(value, Mapping) and isinstance(result[key], Mapping):
            result[key] = _joined(result[key], value, f"{prefix}{key}.")
        else:
            raise BadInput(f"'{prefix}{key}' is given twice: write each key once, as {prefix}{key} or below it")
    return result

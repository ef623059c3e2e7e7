"""Values as JSON knows them: without numbers that are none, and objects read from what may be damaged."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any


def without_nan(value: Any) -> Any:
    """The same value as objects, lists and texts; a number that is none, or endless, is null."""
    if isinstance(value, Mapping):
        return {str(key): without_nan(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [without_nan(part) for part in value]
    return None if isinstance(value, float) and not isfinite(value) else value


def read_object(content: bytes) -> dict[str, Any] | None:
    """The object that ``content`` is; None where it is none."""
    try:
        tree = json.loads(content)
    except ValueError:
        return None
    return tree if isinstance(tree, dict) else None

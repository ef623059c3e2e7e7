"""Files that are one JSON value: an object such as ``{"12": "Heat"}``, or a list of objects."""

import json
from pathlib import Path
from typing import Any, TypeVar

from harness.base.errors import BadInput
from harness.data.readers.text_blocks import read_text

Value = TypeVar("Value", dict[str, Any], list[Any])

NAMES = {dict: "an object: {…}", list: "a list: […]"}


def read_json(path: Path, kind: type[Value]) -> Value:
    """The file's value, which is of ``kind``.

    Raises:
        BadInput: where the file is missing, is no text in UTF-8 or no JSON, or holds something else.
    """
    try:
        value = json.loads(read_text(path, "utf-8"))
    except ValueError as error:
        raise BadInput(f"{path}: not JSON: {error}") from None
    except RecursionError:
        raise BadInput(f"{path}: not JSON that anybody means: it is nested without end") from None
    if not isinstance(value, kind):
        raise BadInput(f"{path}: its JSON is not {NAMES[kind]}")
    return value

"""A card as TOML, with what speaks for each guess as comments."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from harness.base.printable import printable

_BARE = re.compile(r"[A-Za-z0-9_-]+")


def card_text(card: Mapping[str, Any], comments: Iterable[str]) -> str:
    """The TOML file.

    Args:
        comments: lines that come first
    """
    lines = [f"# {printable(' '.join(comment.split()))}".rstrip() for comment in comments]
    tables = {name: value for name, value in card.items() if isinstance(value, Mapping)}
    lines += [f"{name} = {_value(value)}" for name, value in card.items() if name not in tables]
    for name, table in tables.items():
        lines += ["", f"[{name}]"]
        columns = table.get("columns", {})
        lines += [f"{_key(key)} = {_value(value)}" for key, value in table.items() if key != "columns"]
        lines += ["", f"[{name}.columns]", *(f"{_key(key)} = {_value(value)}" for key, value in columns.items())]
    return "\n".join(lines) + "\n"


def _key(name: str) -> str:
    return name if _BARE.fullmatch(name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(key)} = {_value(each)}" for key, each in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(_value, value))}]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")  # JSON's text is TOML's, but for this

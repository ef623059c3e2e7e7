"""A card as TOML, with what speaks for each guess as comments."""

from collections.abc import Iterable, Mapping
from typing import Any

from harness.base.printable import printable
from harness.base.toml_text import toml_key, toml_value


def card_text(card: Mapping[str, Any], comments: Iterable[str]) -> str:
    """The TOML file.

    Args:
        comments: lines that come first
    """
    lines = [f"# {printable(' '.join(comment.split()))}".rstrip() for comment in comments]
    tables = {name: value for name, value in card.items() if isinstance(value, Mapping)}
    lines += [f"{name} = {toml_value(value)}" for name, value in card.items() if name not in tables]
    for name, table in tables.items():
        lines += ["", f"[{name}]"]
        columns = table.get("columns", {})
        lines += [f"{toml_key(key)} = {toml_value(value)}" for key, value in table.items() if key != "columns"]
        lines += [
            "",
            f"[{name}.columns]",
            *(f"{toml_key(key)} = {toml_value(value)}" for key, value in columns.items()),
        ]
    return "\n".join(lines) + "\n"

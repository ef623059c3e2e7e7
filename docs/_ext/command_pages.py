"""The command line, from what it is parsed by."""

import inspect
from collections.abc import Iterator
from typing import Any

from code_tables import choices, code, table
from typer.main import get_command

from harness.cli.app import app
from harness.cli.examples import EXAMPLES


def commands() -> str:
    """A section for each command: what it does, its arguments and options."""
    return "\n".join(_sections(get_command(app), "harness"))


def _sections(command: Any, name: str) -> Iterator[str]:
    for own, inner in getattr(command, "commands", {}).items():
        if hasattr(inner, "commands"):
            yield from _sections(inner, f"{name} {own}")
        else:
            yield f"## `{name} {own}`\n\n{inner.help}\n\n{_examples(f'{name} {own}')}{_parameters(inner)}"


def _examples(command: str) -> str:
    examples = EXAMPLES.get(command.partition(" ")[2], ())
    return "\n".join(["```sh", *examples, "```", "", ""]) if examples else ""


def _parameters(command: Any) -> str:
    asked = inspect.signature(command.callback).parameters
    rows = [
        (_spelt(one, choices(asked[one.name].annotation)), _default(one), getattr(one, "help", "") or "")
        for one in command.params
        if one.name in asked
    ]
    return table(("", "default", "meaning"), rows) if rows else ""


def _spelt(parameter: Any, one_of: tuple[Any, ...]) -> str:
    if parameter.param_type_name == "argument":
        return code(str(parameter.metavar or parameter.name).upper())
    flags = ", ".join(code(flag) for flag in (*parameter.opts, *parameter.secondary_opts))
    what = "|".join(map(str, one_of)) or parameter.metavar
    return f"{flags} {code(what)}" if what else flags


def _default(parameter: Any) -> str:
    value = parameter.default
    return "" if value is None or value is False or value == () or callable(value) else code(str(value))

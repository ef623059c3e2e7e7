"""Definitions that are made of others: the others' names and options."""

from collections.abc import Iterable, Mapping
from typing import Any

from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.data.group_assignment import definition
from harness.plugins import Grouping, Use
from harness.plugins.configured import configured
from harness.plugins.registry import registry


def resolved_options(given: Any, names: Iterable[str], where: str) -> dict[str, Frozen]:
    """The parts' options by name, each validated by its own grouping.

    Args:
        given: options by grouping, as tables or validated already
        names: the parts
        where: the key that the user wrote ``given`` under

    Raises:
        BadInput: for an unknown grouping or option, or for options of what is no part.
    """
    if not isinstance(given, Mapping):
        raise BadInput(f"{where}: a table of options by grouping is needed, not {given!r}")
    parts = [registry.check("grouping", name) for name in names]
    found: dict[str, Frozen] = {}
    for name, options in given.items():
        own = registry.check("grouping", name)
        if own not in parts:
            raise BadInput(f"{where}.{name}: '{own}' is not one of the parts: {', '.join(parts)}")
        found[own] = configured("grouping", own, options, f"{where}.{own}")
    return found


def part(name: str, options: Mapping[str, Frozen]) -> Grouping:
    """The grouping called ``name`` with its options, or with its defaults."""
    use = used_part(name, options)
    return definition(use.name, use.config)


def used_part(name: str, options: Mapping[str, Frozen]) -> Use:
    """The same, as what identifies it."""
    spelt = registry.check("grouping", name)
    return Use("grouping", spelt, options.get(spelt))

"""Which encoder a name means."""

from typing import Any

from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.plugins import Encoder
from harness.plugins.configured import configured, validated
from harness.plugins.registry import registry


def kind_of(name: str) -> type[Encoder] | None:
    """The registered encoder called ``name`` (case, - and _ do not matter); None for a folder or a model of the hub."""
    if not registry.knows("encoder", name):
        return None
    return registry.get("encoder", name)


def config_of(name: str, given: Any) -> Frozen:
    """The options ``given`` for the encoder called ``name``, validated by its own class.

    Raises:
        BadInput: one line, named by ``encoder.options.KEY``.
    """
    where = "encoder.options"
    if kind_of(name) is not None:
        return configured("encoder", name, given, where)
    if given and given != Frozen():
        raise BadInput(f"{where}: '{name}' is a folder or a model of the hub, and those have no options")
    return validated(Frozen, given, where)

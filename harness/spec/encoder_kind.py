"""Which encoder a name means."""

from typing import Any

from harness.base.errors import BadInput
from harness.base.frozen import Frozen
from harness.plugins import Encoder
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
    from pydantic import ValidationError

    from harness.base.invalid import bad_input

    kind = kind_of(name)
    options = Frozen if kind is None else kind.Config
    if isinstance(given, options):
        return given
    if kind is None and given:
        raise BadInput(f"encoder.options: '{name}' is a folder or a model of the hub, and those have no options")
    try:
        return options.model_validate(given.model_dump() if isinstance(given, Frozen) else given)
    except ValidationError as error:
        raise bad_input(error, options, "encoder.options") from None

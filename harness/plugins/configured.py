"""A plug-in's own options: looked up by its name, validated by its own class."""

from typing import Any, Literal, TypeVar, overload

from pydantic import ValidationError, ValidationInfo

from harness.base.frozen import Frozen
from harness.base.validation_message import bad_input
from harness.plugins.protocols.method import MethodConfig
from harness.plugins.protocols.reranker import RerankConfig
from harness.plugins.registry import registry

F = TypeVar("F", bound=Frozen)


@overload
def configured(kind: Literal["method"], name: str, options: Any, where: str) -> MethodConfig: ...
@overload
def configured(kind: Literal["reranker"], name: str, options: Any, where: str) -> RerankConfig: ...
@overload
def configured(
    kind: Literal["dataset", "grouping", "encoder", "balancer"], name: str, options: Any, where: str
) -> Frozen: ...
def configured(kind: Any, name: str, options: Any, where: str) -> Frozen:
    """The ``options`` of the plug-in called ``name``, as an object of its ``Config``.

    Args:
        options: a table, or such an object already
        where: the key that the user wrote them under

    Raises:
        BadInput: one line, for an unknown plug-in, and for an unknown or a wrong option, named by ``where.KEY``.
    """
    return validated(registry.get(kind, name).Config, options, where)


def validated(config: type[F], options: Any, where: str) -> F:
    """The ``options`` as an object of ``config``; as :func:`configured`, where there is no plug-in to ask."""
    if type(options) is config:
        return options
    given = options.model_dump() if isinstance(options, Frozen) else options
    try:
        return config.model_validate(given, context=where)
    except ValidationError as error:
        raise bad_input(error, config, where) from None


def place_of(key: str, info: ValidationInfo) -> str:
    """Where the user wrote the option ``key``, for a validator of options that hold those of another plug-in."""
    return f"{info.context}.{key}" if info.context else key

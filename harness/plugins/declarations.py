"""What a plug-in declares (its utility, its direction, what it requires) is of the type that its kind says."""

import inspect
from functools import cache
from typing import Any, ClassVar, ForwardRef, get_args, get_origin

from pydantic import BaseModel, TypeAdapter, ValidationError

import harness.plugins
from harness.base.errors import BadInput
from harness.base.validation_message import bad_input


def check_declarations(plugin: type, base: type, where: str) -> None:
    """Compare the attributes of ``plugin`` with their annotations in ``base`` and the classes above it.

    Args:
        where: what the plug-in is called in messages

    Raises:
        BadInput: for the first that is of another type, or is none of the choices.
    """
    for attribute, kind in _kinds(base).items():
        try:
            kind.validate_python(getattr(plugin, attribute))
        except ValidationError as error:
            raise BadInput(f"{where}: {bad_input(error, BaseModel, attribute)}") from None


@cache
def _kinds(base: type) -> dict[str, "TypeAdapter[Any]"]:
    """By name, what attributes may be; what is none of this package's and named for type checkers alone is left out."""
    annotated = {name: kind for cls in base.__mro__ for name, kind in inspect.get_annotations(cls).items()}
    plain = {name: get_args(kind)[0] if get_origin(kind) is ClassVar else kind for name, kind in annotated.items()}
    meant = {name: _imported(kind) for name, kind in plain.items()}
    return {name: TypeAdapter(kind) for name, kind in meant.items() if kind is not None}


def _imported(kind: Any) -> Any | None:
    """A kind, also where it is only named, as it is not imported before it is needed; None where it cannot be told."""
    named = kind.__forward_arg__ if isinstance(kind, ForwardRef) else kind
    return getattr(harness.plugins, named, None) if isinstance(named, str) else kind

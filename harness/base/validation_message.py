"""Pydantic's complaints as one line in the user's terms."""

from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from harness.base.errors import BadInput, as_given, hint

_PLAIN = {
    "model_type": "a table of options is needed",
    "dict_type": "a table is needed",
    "tuple_type": "a list is needed",
    "too_short": "at least {min_length} must be given, not {actual_length}",
}
"""Pydantic's complaints, by type, that speak of Python instead of files and flags."""


def bad_input(error: ValidationError, model: type[BaseModel], where: str = "") -> BadInput:
    """The first of pydantic's complaints as one line in the user's terms; a misspelt key explains a missing one."""
    found = _sorted(error)
    more = f" [and {len(found) - 1} more]" if len(found) > 1 and not _misspelt(found[0]) else ""
    return BadInput(_in_words(found[0], model, where) + more)


def complaints(error: ValidationError, model: type[BaseModel]) -> list[str]:
    """All of pydantic's complaints, each as one line in the user's terms, misspelt keys first."""
    return [_in_words(complaint, model, "") for complaint in _sorted(error)]


def _sorted(error: ValidationError) -> list[ErrorDetails]:
    return sorted(error.errors(include_url=False), key=lambda complaint: not _misspelt(complaint))


def _misspelt(complaint: ErrorDetails) -> bool:
    return complaint["type"] == "extra_forbidden"


def _in_words(complaint: ErrorDetails, model: type[BaseModel], where: str) -> str:
    location = [str(part) for part in complaint["loc"]]
    key = ".".join(([where] if where else []) + location)
    if _misspelt(complaint):
        known = _fields_at(model, location[:-1])
        otherwise = f"known here: {', '.join(sorted(known)) or '(none)'}"
        return f"unknown key '{key}': {hint(location[-1], known, otherwise)}"
    if complaint["type"] == "missing":
        purpose = _purpose(model, location)
        return f"'{key}' is missing: add it{f' ({purpose})' if purpose else ''}"
    given = complaint.get("input")
    plain = _PLAIN.get(complaint["type"])
    message = plain.format(**complaint.get("ctx", {})) if plain else complaint["msg"].removeprefix("Value error, ")
    if key and message.startswith((key, f"unknown key '{key}")):  # it says itself which part of the value it is about
        return message
    shown = f" (given: {as_given(given)})" if isinstance(given, (str, int, float, bool)) or given is None else ""
    return f"{key or 'spec'}: {message[:1].lower()}{message[1:]}{shown}"


def _fields_at(model: type[BaseModel], location: list[str]) -> set[str]:
    """The fields of the (nested) model at ``location``, as they are written."""
    inner = _model_at(model, location)
    return {field.alias or name for name, field in inner.model_fields.items()} if inner else set()


def _purpose(model: type[BaseModel], location: list[str]) -> str:
    """What the field at ``location`` is for; empty where that is not said."""
    inner = _model_at(model, location[:-1])
    field = _field(inner, location[-1]) if inner else None
    return (field.description or "") if field else ""


def _model_at(model: type[BaseModel], location: list[str]) -> type[BaseModel] | None:
    """The model nested at ``location``; None where there is none."""
    for part in location:
        field = _field(model, part)
        if field is None:  # a key of a table whose values are models
            continue
        inner = _model_in(field.annotation)
        if inner is None:
            return None
        model = inner
    return model


def _field(model: type[BaseModel], written: str) -> FieldInfo | None:
    return next((field for name, field in model.model_fields.items() if written in (name, field.alias)), None)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model in an annotation such as ``Model``, ``Model | None`` or ``dict[str, Model]``."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part)) is not None), None)

"""Options that are sizes: of batches, tables and vectors. They decide on how much memory is needed."""

from typing import Annotated, Any, get_args

from annotated_types import Ge, Le
from pydantic import BaseModel

_IS_SIZE = "size"

Size = Annotated[int, Ge(1), Le(2**16), _IS_SIZE]
"""A width, or a number of draws: from 1 to 65,536."""
BatchSize = Annotated[int, Ge(1), Le(2**24), _IS_SIZE]
"""A number of rows: from 1 to 16,777,216."""


def size_options(options: BaseModel) -> dict[str, int]:
    """The sizes among ``options`` by name, with their values, the largest first; unset ones are left out."""
    fields = type(options).model_fields.items()
    found = {
        key: getattr(options, key) for key, field in fields if _IS_SIZE in field.metadata or _holds(field.annotation)
    }
    return dict(sorted(((key, size) for key, size in found.items() if size), key=lambda one: -one[1]))


def _holds(annotation: Any) -> bool:
    """Whether an annotation such as ``Size | None`` speaks of sizes."""
    return _IS_SIZE in getattr(annotation, "__metadata__", ()) or any(map(_holds, get_args(annotation)))

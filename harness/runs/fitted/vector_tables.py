"""Vectors of a fitted model as tables with raw ids."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from harness.base.errors import unknown

if TYPE_CHECKING:
    import numpy.typing as npt
    import polars as pl

    from harness.runs.fitted.fitted_model import FittedModel

_VECTORS: "dict[str, Callable[[FittedModel], tuple[pl.DataFrame, npt.NDArray[Any]]]]" = {
    "Z": lambda model: (model.items, model.representations),
    "items": lambda model: (model.items, model.item_vectors),
    "users": lambda model: (model.users, model.user_vectors()),
}


def check_vectors(of: str) -> None:
    """Raise BadInput for anything but ``Z``, ``items`` and ``users``."""
    if of not in _VECTORS:
        raise unknown("kind of vectors", of, _VECTORS)


def vectors_table(model: "FittedModel", of: str) -> "pl.DataFrame":
    """What is known of each item (user), and its ``vector``; a row each, in index order.

    Args:
        of: ``Z`` (text vectors as training has left them), ``items`` or ``users`` (whose products are the scores)

    Raises:
        BadInput: for anything else.
        HarnessError: where the method has no such vectors.
    """
    import polars as pl

    check_vectors(of)
    table, vectors = _VECTORS[of](model)
    return table.with_columns(pl.Series("vector", vectors))

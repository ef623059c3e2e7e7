"""The users and items that somebody asks a model for, by their raw ids."""

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from harness.base.errors import BadInput, as_given
from harness.domain.ids import indices_of, shown
from harness.domain.interactions import Indices

if TYPE_CHECKING:
    import polars as pl

Ids = Iterable[str | int]
"""Raw ids; numbers stand for their text."""
NEW = "new user"


def named_histories(histories: Iterable[Ids] | Mapping[str, Ids] | None) -> dict[str, Ids]:
    """Histories by name: their own, or a number from 1."""
    if histories is None:
        return {}
    if isinstance(histories, Mapping):
        return {str(name): items for name, items in histories.items()}
    if isinstance(histories, (str, bytes)):
        raise BadInput(f"histories: a list of items is needed for each new user, not {as_given(histories)}")
    return {f"{NEW} {number}": items for number, items in enumerate(histories, 1)}


def indices(ids: Ids, catalogue: "pl.Series", what: str) -> Indices:
    """Where each id stands.

    Raises:
        BadInput: for those that are no ids, and for one that the model does not know.
    """
    import polars as pl

    if isinstance(ids, (str, bytes)) or not isinstance(ids, Iterable):
        raise BadInput(f"{what}s: a list of ids is needed, not {as_given(ids)}")
    texts = pl.Series([str(raw) for raw in ids], dtype=pl.String)
    found = indices_of(texts, catalogue)
    if found.null_count():
        lost, known = texts.filter(found.is_null())[0], f"{len(catalogue):,} {what}s, such as {shown(catalogue)}"
        raise BadInput(f"unknown {what} '{lost}': the model knows {known}")
    return found.to_numpy().astype(np.int64)

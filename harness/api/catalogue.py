"""Who and what there is, from tables of raw ids: indices in the order that a run would give them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeVar

import numpy as np
import polars as pl

from harness.base.errors import BadInput
from harness.data.build_corpus import by_hash
from harness.domain.ids import indices_of, shown
from harness.domain.interactions import Interactions, Training

I = TypeVar("I", bound=Interactions)  # noqa: E741
Side = Literal["user", "item"]


class NeedsTraining(BadInput):
    """A fairness definition is computed from training interactions, and there are none."""


class NoTraining(Training):
    """In the place of training interactions that were not given: whoever looks at them is refused."""

    def __init__(self, n_users: int, n_items: int) -> None:
        object.__setattr__(self, "n_users", n_users)
        object.__setattr__(self, "n_items", n_items)

    def __getattribute__(self, name: str) -> object:
        if name in ("users", "items"):
            raise NeedsTraining("it is computed from training interactions: pass them as training=…")
        return super().__getattribute__(name)


@dataclass(frozen=True, eq=False)
class Catalogue:
    """All users and items, by index.

    Attributes:
        users: column ``user`` (raw id) and what describes users, in the order of the ids' hash
        items: column ``item`` (raw id) and what describes items, likewise
        notes: what a reader should know of how they came together
    """

    users: pl.DataFrame
    items: pl.DataFrame
    notes: tuple[str, ...]

    @classmethod
    def of(
        cls,
        users: pl.DataFrame | None,
        items: pl.DataFrame | None,
        parts: Mapping[str, pl.DataFrame],
        lists: pl.DataFrame,
    ) -> "Catalogue":
        """Everybody in ``users`` and ``parts``, everything in ``items`` and ``parts``.

        Without ``items`` what stands in ``lists`` belongs to the catalogue, too; with it, it is refused.

        Args:
            users, items: described, ids as text
            parts: columns ``user`` and ``item``, by name
            lists: columns ``user`` and ``item``

        Raises:
            BadInput: for listed items that nothing else names.
        """
        notes: list[str] = []
        acting = pl.concat([part["user"] for part in parts.values()])
        taken = pl.concat([part["item"] for part in parts.values()])
        if items is None:
            taken = pl.concat([taken, lists["item"]])
            notes.append(
                f"no table of items: the catalogue is the {taken.n_unique():,} items of lists and interactions, which "
                "decides coverage, exposure and dp"
            )
        found = cls(_everyone("user", acting, users, notes), _everyone("item", taken, items, notes), tuple(notes))
        unknown = lists["item"].filter(found.indices("item", lists["item"]).is_null()).unique(maintain_order=True)
        if len(unknown):
            raise BadInput(
                f"lists: {len(unknown):,} items ({shown(unknown)}) are neither in items nor in any interaction: "
                "are their ids written alike?"
            )
        return found

    def indices(self, side: Side, ids: pl.Series) -> pl.Series:
        """Index of each id, null of unknown ones."""
        return indices_of(ids, (self.users if side == "user" else self.items)[side])

    def part(self, kind: type[I], pairs: pl.DataFrame) -> I:
        """Interactions by index, each pair once."""
        table = pl.DataFrame({side: self.indices(side, pairs[side]) for side in ("user", "item")})
        table = table.unique().sort("user", "item")
        users, items = (table[side].to_numpy().astype(np.int64) for side in ("user", "item"))
        return kind(users, items, self.users.height, self.items.height)


def _everyone(side: Side, ids: pl.Series, table: pl.DataFrame | None, notes: list[str]) -> pl.DataFrame:
    """All of ``ids`` and of the table, described where the table does; what is odd about it is noted."""
    if table is None:
        return by_hash(side, ids, pl.DataFrame({side: []}, schema={side: pl.String}))
    named = table.drop_nulls(side)
    unique = named.unique(side, keep="first", maintain_order=True)
    absent = ids.unique().is_in(unique[side].implode()).not_().sum()
    odd = {
        f"{side}s: rows without an id, left out": table.height - named.height,
        f"{side}s: rows of an id that is there already, left out": named.height - unique.height,
        f"{side}s of interactions that the table of {side}s lacks: kept without a description": absent,
    }
    if absent == ids.n_unique():
        raise BadInput(
            f"none of the {side}s of interactions ({shown(ids)}) is in the table of {side}s ({shown(unique[side])}): "
            "are their ids written alike?"
        )
    notes += [f"{count:,} {what}" for what, count in odd.items() if count]
    return by_hash(side, pl.concat([unique[side], ids]), unique)

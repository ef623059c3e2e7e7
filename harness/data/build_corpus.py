"""From raw tables to a corpus: filtered, indexed by hash, hashed; not yet divided."""

import hashlib
import json
from collections.abc import Mapping
from typing import Literal

import numpy as np
import numpy.typing as npt
import polars as pl

from harness.base.errors import BadInput
from harness.data.corpus import Corpus
from harness.data.filter import coded, core_mask, deduplicate, praised
from harness.data.oddities import oddities
from harness.domain.ids import hash_ids, shown
from harness.domain.interactions import UNKNOWN, Indices
from harness.domain.tables import Tables
from harness.spec.options import DataOptions

ORDERS = ("timestamp", "position")
"""Columns of interactions that say what came first; the first one there is counts."""


def build_corpus(tables: Tables, options: DataOptions) -> Corpus:
    """Filter, index and hash raw tables.

    Raises:
        BadInput: where a filter leaves nothing; it says which.
    """
    raw = coded(tables.interactions)
    if raw.schema.get("part") != pl.UInt8:  # a column of that name which tells something else
        raw = raw.drop("part", strict=False)
    if raw.is_empty():
        raise BadInput(f"the data set holds no interactions{_dropped(tables.skipped)}")
    unique = deduplicate(raw)
    elsewhere = _in_later_parts(raw, unique)
    before = dict(tables.skipped) | {
        "interactions: in a later part, too": elsewhere,
        "interactions: repeated": raw.height - unique.height - elsewhere,
    }
    positive = praised(unique, options.min_rating)
    if positive.is_empty():
        raise BadInput(
            f"none of {unique.height:,} interactions has a rating of at least {options.min_rating:g} "
            f"(the highest is {unique['rating'].max()!s}): lower data.min_rating{_dropped(before)}"
        )
    before["interactions: rating too low"] = unique.height - positive.height
    kept = _core(positive, options.core).cast({"user": pl.String, "item": pl.String})
    if kept.is_empty():
        raise BadInput(
            f"no user and item keep {options.core} interactions each "
            f"({positive.height:,} interactions before this filter): lower data.core{_dropped(before)}"
        )
    people, things = _about("user", kept, tables.users), _about("item", kept, tables.items)
    users, items = by_hash("user", kept["user"], people), by_hash("item", kept["item"], things)
    user_indices, item_indices, order, given = _indexed(kept, users, items)
    counts = before | {
        "interactions: outside the core": positive.height - kept.height,
        "users: no positive interaction": unique["user"].n_unique() - positive["user"].n_unique(),
        "users: outside the core": positive["user"].n_unique() - users.height,
        "items: no positive interaction": unique["item"].n_unique() - positive["item"].n_unique(),
        "items: outside the core": positive["item"].n_unique() - items.height,
        "items kept without a description": items.height - things.height,
        "users kept without a description": users.height - people.height,
    }
    digest = _digest(users, items, user_indices, item_indices)
    counts = {why: n for why, n in counts.items() if n}
    return Corpus(
        users,
        items,
        user_indices,
        item_indices,
        digest,
        counts,
        order,
        "timestamp" in raw.columns,
        given,
        tuple(oddities(unique, options)),
    )


def _dropped(counts: Mapping[str, int]) -> str:
    """What the reader and the filters before have dropped, so that nobody lowers a bound in vain; empty for nothing."""
    told = [f"{count:,} {reason}" for reason, count in counts.items() if count]
    return f"; dropped before that: {', '.join(told)}" if told else ""


def _in_later_parts(raw: pl.DataFrame, unique: pl.DataFrame) -> int:
    """How often a pair is in another part than the first that it is in: it stays in that one alone."""
    if "part" not in raw.columns or raw.height == unique.height:
        return 0
    return raw.select("user", "item", "part").unique().height - unique.height


def _core(interactions: pl.DataFrame, core: int) -> pl.DataFrame:
    users, items = (interactions[side].to_physical().to_numpy().astype(np.int64) for side in ("user", "item"))
    return interactions.filter(pl.Series(core_mask(users, items, core)))


def _about(kind: Literal["user", "item"], interactions: pl.DataFrame, table: pl.DataFrame) -> pl.DataFrame:
    """The rows of ``table`` about whoever has interactions, one each; the others are never looked at twice."""
    concerned = table.filter(pl.col(kind).is_in(interactions[kind].unique().implode()))
    if concerned.is_empty() and not table.is_empty():
        ours, theirs = (shown(ids[kind].unique(maintain_order=True)) for ids in (interactions, table))
        raise BadInput(
            f"none of the {kind}s that have interactions ({ours}) is in the table of {kind}s ({theirs}): "
            "are their ids written alike?"
        )
    return concerned.unique(kind, keep="first", maintain_order=True)


def by_hash(kind: Literal["user", "item"], ids: pl.Series, table: pl.DataFrame) -> pl.DataFrame:
    """Everybody in ``ids``, once, in the order of the raw id's hash, with the columns of ``table``."""
    ids = ids.unique()
    hashed = pl.DataFrame({kind: ids, "_hash": hash_ids(kind, ids)}).sort("_hash", kind).drop("_hash")
    return hashed.join(table, on=kind, how="left", maintain_order="left")


def _indexed(
    interactions: pl.DataFrame, users: pl.DataFrame, items: pl.DataFrame
) -> tuple[Indices, Indices, Indices | None, npt.NDArray[np.uint8] | None]:
    """Indices of users and items, sorted by both, and their order in time and given parts where they are known."""
    times = next((name for name in ORDERS if name in interactions.columns), None)
    parts = "part" if "part" in interactions.columns else None
    pairs = (
        interactions.select("user", "item", *filter(None, (times, parts)))
        .join(users.select("user").with_row_index("u"), on="user")
        .join(items.select("item").with_row_index("i"), on="item")
        .sort("u", "i")
    )
    order = pairs[times].fill_null(UNKNOWN).to_numpy().astype(np.int64) if times else None
    given = pairs[parts].to_numpy().astype(np.uint8) if parts else None
    return pairs["u"].to_numpy().astype(np.int64), pairs["i"].to_numpy().astype(np.int64), order, given


def _digest(users: pl.DataFrame, items: pl.DataFrame, user_indices: Indices, item_indices: Indices) -> str:
    hasher = hashlib.blake2b(digest_size=8)
    for table in (users, items):
        columns = table.select(sorted(table.columns)).to_dict(as_series=False)
        hasher.update(json.dumps(columns, ensure_ascii=False, default=str).encode())
    for indices in (user_indices, item_indices):
        hasher.update(indices.astype("<i8").tobytes())
    return hasher.hexdigest()

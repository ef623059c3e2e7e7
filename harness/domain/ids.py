"""Raw ids: their hashes, which order indices and shuffle a split whatever the order of rows, and a few for people."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Literal

import numpy as np
import numpy.typing as npt

from harness.base.late import pl

Hashes = npt.NDArray[np.uint64]

SHOWN = 3
"""So many ids stand for all of them in a message."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)


def hash_ids(kind: Literal["user", "item"], ids: Iterable[str]) -> Hashes:
    """A 64-bit BLAKE2b hash of each raw id, shape (n,); users and items with the same id hash differently."""
    person = kind.encode()
    hashes = (hashlib.blake2b(raw.encode(), digest_size=8, person=person).digest() for raw in ids)
    return np.frombuffer(b"".join(hashes), dtype="<u8").astype(np.uint64)


def mix(*parts: Hashes | int) -> Hashes:
    """One 64-bit number from several, elementwise and broadcast: splitmix64's finaliser after each part.

    The same on every machine and library version (Steele, Lea & Flood, OOPSLA 2014).
    """
    state = np.zeros(1, dtype=np.uint64)
    for part in parts:
        state = _finalise((state ^ np.asarray(part, dtype=np.uint64)) + _GOLDEN)
    return state


def _finalise(z: Hashes) -> Hashes:
    z = (z ^ (z >> np.uint64(30))) * _FIRST
    z = (z ^ (z >> np.uint64(27))) * _SECOND
    return z ^ (z >> np.uint64(31))


def indices_of(ids: pl.Series, catalogue: pl.Series) -> pl.Series:
    """Where each id stands in the catalogue; null for those that are not in it."""
    return ids.replace_strict(catalogue, pl.int_range(len(catalogue), eager=True), default=None, return_dtype=pl.Int64)


def shown(ids: pl.Series) -> str:
    """The first ids, for people."""
    return ", ".join(f"'{raw}'" for raw in ids.head(SHOWN)) + (", …" if len(ids) > SHOWN else "")
